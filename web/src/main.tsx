import { render } from 'preact';
import './style.css';

function App() {
  return <h1>spreadscope</h1>;
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
