import { render } from 'preact';
import './styles/tokens.css';
import './styles/components.css';
import './styles/page.css';
import { App } from './app';
import { followLinks } from './widgets/place';
import { applyTheme } from './widgets/preferences';

applyTheme();
followLinks();
const root = document.getElementById('app');
if (root) render(<App />, root);
