import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style/tokens.css';
import './style/page.css';
import './style/venues.css';
import './style/routes.css';
import './style/panel.css';
import './style/sheets.css';
import { listenToKeys } from './keyboard.ts';
import { pollStatus } from './status-poll.ts';
import { Stream } from './stream.ts';
import { App } from './view/app.tsx';
import { keepViewInAddress } from './view-address.ts';
import { wire } from './wiring.ts';

const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
const stream = new Stream(`${scheme}://${window.location.host}/api/v1/stream`);
keepViewInAddress();
wire(stream);
stream.start();
pollStatus();
listenToKeys();

const root = document.getElementById('app');
if (root !== null) render(<App stream={stream} />, root);
