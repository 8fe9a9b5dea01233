// Loads the desk. Everything else is in the module.
import load, { open } from '/desk/dist/holdfast_desk.js';

const place = document.getElementById('desk');
try {
  await load();
  open(place.dataset.account);
} catch (error) {
  place.textContent = 'The desk could not be loaded. Is it built? Run “cargo xtask dist”.';
  throw error;
}
