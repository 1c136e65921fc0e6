// The page reads nothing but the JSON API. Whatever comes from there is set as text, never as HTML.

import { duration, element, expandAll, extent, failed, summary, waterfall } from './waterfall.js';

const clients = document.getElementById('clients');
const scenarios = document.getElementById('scenarios');
const status = document.getElementById('status');
const traces = document.getElementById('traces');
const unfold = document.getElementById('unfold');
const split = document.getElementById('split');
const keep = document.getElementById('keep');

let traceUrl;
let running = false;
let current;
let kept;

async function start() {
	unfold.addEventListener('click', () => unfoldAll(!pressed(unfold)));
	split.addEventListener('click', toggleSplit);
	keep.addEventListener('click', toggleKept);
	try {
		const listing = await call('GET', 'api/scenarios');
		traceUrl = listing.traceUrl;
		clients.append(...listing.clients.map(clientChoice));
		scenarios.replaceChildren(...listing.scenarios.map(scenarioItem));
	}
	catch (failure) {
		status.textContent = failure.message;
	}
}

function clientChoice(client, index) {
	const input = element('input', '');
	input.type = 'radio';
	input.name = 'client';
	input.value = client;
	input.checked = index === 0;
	return element('label', '', input, client);
}

function scenarioItem(scenario) {
	const button = element('button', '', element('strong', '', scenario.title), element('span', '', scenario.description));
	button.type = 'button';
	button.dataset.scenario = scenario.name;
	button.addEventListener('click', () => run(scenario.name, button));
	return element('li', '', button);
}

async function run(name, button) {
	if (running) {
		return;
	}
	running = true;
	const client = clients.querySelector('input:checked').value;
	scenarios.querySelector('[aria-current]')?.removeAttribute('aria-current');
	button.setAttribute('aria-current', 'true');
	status.textContent = `Running ${name} on ${client} …`;
	try {
		const path = `api/scenarios/${encodeURIComponent(name)}?client=${encodeURIComponent(client)}`;
		show({ title: `${name} on ${client}`, ...await call('POST', path) });
	}
	catch (failure) {
		current = undefined;
		draw();
		status.textContent = failure.message;
	}
	finally {
		running = false;
	}
}

async function call(method, path) {
	let response;
	try {
		response = await fetch(path, { method });
	}
	catch {
		throw new Error('The demo does not answer. Is it still running?');
	}
	const body = await response.json();
	if (!response.ok) {
		throw new Error(body.detail ?? `The demo answered with status ${response.status}.`);
	}
	return body;
}

function show(run) {
	current = run;
	press(split, false);
	draw();
	reveal();
	const errors = run.spans.filter(failed).length;
	status.textContent = [
		run.title,
		`${run.spans.length} spans`,
		errors > 0 ? `${errors} with an error` : '',
		run.complete ? '' : 'not complete: not every span has ended yet'
	].filter((part) => part !== '').join(' · ');
}

// Several runs stand side by side on one scale, so that equal bars are equal times

function draw() {
	const shown = panels().filter((panel) => panel.spans.length > 0);
	const length = Math.max(0, ...shown.map((panel) => extent(panel.spans)));
	traces.replaceChildren(...shown.map((panel) => element('section', 'trace', heading(panel),
		waterfall(panel.spans, length))));
	unfold.hidden = keep.hidden = shown.length === 0;
	split.hidden = requests().length < 2;
	unfoldAll(false);
}

function panels() {
	if (pressed(split)) {
		return requests().slice(0, 2).map((request, index) => ({
			...current, title: index === 0 ? 'First request' : 'Second request', spans: below(request)
		}));
	}
	return [kept, current].filter((run) => run !== undefined);
}

function requests() {
	return current?.spans.filter((span) => span.kind === 'CLIENT') ?? [];
}

function below(span) {
	return [span, ...current.spans.filter((child) => child.parentId === span.spanId).flatMap(below)];
}

function heading(run) {
	return element('h3', '', element('span', '', run.title), element('span', 'duration', duration(extent(run.spans))),
		element('span', 'subject', element('span', '', summary(run.spans)), identity(run.traceId)));
}

function identity(traceId) {
	if (!traceUrl) {
		return element('span', 'mono', `trace ${traceId}`);
	}
	const link = element('a', '', 'open in Jaeger');
	link.href = traceUrl + encodeURIComponent(traceId);
	link.target = '_blank';
	link.rel = 'noopener';
	return link;
}

function toggleKept() {
	kept = kept ? undefined : current;
	press(keep, kept !== undefined);
	status.textContent = kept ? `Kept: ${kept.title}. The next run stands beside it.` : 'Kept no longer.';
	if (!kept) {
		draw();
	}
}

function toggleSplit() {
	press(split, !pressed(split));
	draw();
}

function unfoldAll(open) {
	press(unfold, open);
	expandAll(traces, open);
}

function pressed(button) {
	return button.getAttribute('aria-pressed') === 'true';
}

function press(button, value) {
	button.setAttribute('aria-pressed', String(value));
}

// On a phone the trace is below the fold

function reveal() {
	if (traces.getBoundingClientRect().top > window.innerHeight - 100) {
		document.getElementById('trace-title').scrollIntoView();
	}
}

start();
