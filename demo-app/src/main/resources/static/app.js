// The page reads nothing but the JSON API. Whatever comes from there is set as text, never as HTML.

import { counted, element, legend, phaseBar, duration as seconds, waterfall } from './nettrace/waterfall.js';
import { duration, expandAll, extent, failed, spanTree } from './spans.js';

const clients = document.getElementById('clients');
const scenarios = document.getElementById('scenarios');
const runAll = document.getElementById('run-all');
const progress = document.getElementById('progress');
const progressText = document.getElementById('progress-text');
const results = document.getElementById('results');
const status = document.getElementById('status');
const traces = document.getElementById('traces');
const colors = document.getElementById('colors');
const unfold = document.getElementById('unfold');
const split = document.getElementById('split');
const keep = document.getElementById('keep');

let listing;
let traceUrl;
let running = false;
let stopping = false;
let spansOpen = false;
let current;
let kept;

async function start() {
	unfold.addEventListener('click', () => unfoldAll(!pressed(unfold)));
	split.addEventListener('click', toggleSplit);
	keep.addEventListener('click', toggleKept);
	runAll.addEventListener('click', toggleRunAll);
	colors.append(legend());
	try {
		listing = await call('GET', 'api/scenarios');
		traceUrl = listing.traceUrl;
		clients.append(...listing.clients.map(clientChoice));
		scenarios.replaceChildren(...sections().flatMap(([title, some]) =>
			[element('h3', '', title), element('ul', 'scenarios', ...some.map(scenarioItem))]));
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

function sections() {
	const result = new Map();
	listing.scenarios.forEach((scenario) => result.set(scenario.section, [...result.get(scenario.section) ?? [], scenario]));
	return [...result];
}

function scenarioItem(scenario) {
	const button = element('button', '', element('strong', '', scenario.title), element('span', '', scenario.description));
	button.type = 'button';
	button.dataset.scenario = scenario.name;
	button.addEventListener('click', () => runOne(scenario));
	return element('li', '', button);
}

function client() {
	return clients.querySelector('input:checked').value;
}

// One run at a time: two would share the processor, and each would show the other's time

async function runOne(scenario) {
	if (running) {
		return;
	}
	running = true;
	status.textContent = `Running ${scenario.title} on ${client()} …`;
	if (await run(scenario, client())) {
		reveal();
	}
	running = false;
}

async function toggleRunAll() {
	if (running) {
		stopping = runAll.textContent === 'Stop';
		return;
	}
	running = true;
	stopping = false;
	runAll.textContent = 'Stop';
	progress.parentElement.hidden = false;
	const on = client();
	const all = listing.scenarios;
	progress.max = all.length;
	let done = 0;
	while (done < all.length && !stopping) {
		progressText.textContent = `${done + 1} of ${all.length}: ${all[done].title} on ${on}`;
		await run(all[done], on);
		progress.value = ++done;
	}
	progressText.textContent = done < all.length ? `Stopped after ${done} of ${all.length}` : `All ${all.length} have run on ${on}`;
	runAll.textContent = 'Run all';
	running = false;
}

async function run(scenario, on) {
	mark(scenario.name);
	if (scenario.notOn?.[on]) {
		status.textContent = `${scenario.title} does not run on ${on}: ${scenario.notOn[on]}`;
		list({ title: `${scenario.title} on ${on}`, whyNot: scenario.notOn[on] });
		return false;
	}
	try {
		const path = `api/scenarios/${encodeURIComponent(scenario.name)}?client=${encodeURIComponent(on)}`;
		const result = { title: `${scenario.title} on ${on}`, scenario: scenario.name, ...await call('POST', path) };
		show(result);
		list(result);
		return true;
	}
	catch (failure) {
		current = undefined;
		draw();
		status.textContent = failure.message;
		stopping = true;
	}
	return false;
}

function mark(scenario) {
	scenarios.querySelector('[aria-current]')?.removeAttribute('aria-current');
	[...scenarios.querySelectorAll('button')].find((button) => button.dataset.scenario === scenario)?.setAttribute('aria-current', 'true');
}

// The last run of each scenario on each client stays listed

function list(result) {
	const item = element('li', '', result.whyNot ? element('p', '', element('strong', '', result.title), element('span', 'words', result.whyNot)) : resultButton(result));
	item.dataset.title = result.title;
	const before = [...results.children].find((one) => one.dataset.title === result.title);
	if (before) {
		before.replaceWith(item);
	}
	else {
		results.append(item);
	}
	document.getElementById('result-section').hidden = false;
}

function resultButton(result) {
	const request = decisive(result.requests);
	const failed = result.requests.some((one) => one.error);
	const button = element('button', failed ? 'failed' : '', element('strong', '', `${failed ? '✕ ' : ''}${result.title}`));
	if (request) {
		button.append(element('span', 'duration', seconds(request.duration)), phaseBar(request), element('span', 'words', request.words));
	}
	button.type = 'button';
	button.addEventListener('click', () => {
		mark(result.scenario);
		show(result);
		document.getElementById('trace-title').scrollIntoView();
	});
	return button;
}

// The request that says most about a run: the first that has failed, or else the longest

function decisive(requests) {
	return requests.find((request) => request.error) ?? [...requests].sort((one, other) => other.duration - one.duration)[0];
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
	const errors = run.spans.filter(failed).length;
	status.textContent = [
		run.title,
		counted(run.spans.length, 'span'),
		errors > 0 ? `${errors} with an error` : '',
		decisive(run.requests)?.words ?? '',
		run.complete ? '' : 'not complete: not every span has ended yet'
	].filter((part) => part !== '').join(' · ');
}

// Several runs stand side by side on one scale, so that equal bars are equal times

function draw() {
	const shown = panels().filter((panel) => panel.spans.length > 0);
	const length = Math.max(0, ...shown.map((panel) => extent(panel.spans)));
	const longest = Math.max(0, ...shown.flatMap((panel) => panel.requests).map((request) => request.duration));
	traces.replaceChildren(...shown.map((panel) => element('section', 'trace', heading(panel),
		...panel.requests.map((request, index) => requestPart(request, index, panel.requests.length, longest)), spansPart(panel, length))));
	unfold.hidden = keep.hidden = colors.hidden = shown.length === 0;
	split.hidden = requests().length < 2;
	unfoldAll(false);
}

function requestPart(request, index, count, length) {
	const name = count > 1 ? `Request ${index + 1} of ${count}` : 'The request';
	return element('div', 'request', element('h4', '', name, element('span', 'words', request.words)), connection(request),
		waterfall(request, length));
}

function connection(request) {
	const used = request.connection;
	const about = [];
	if (used) {
		about.push(used.reused ? `kept connection ${used.id}, request ${used.requests} on it` : `new connection ${used.id}`);
		if (used.protocol) {
			about.push(`HTTP/${used.protocol}`);
		}
	}
	about.push(request.status ? `status ${request.status}` : 'no response');
	about.push(...request.failures.map((failure) => `${failure.phase}: ${failure.error}${failure.detail ? ` (${failure.detail})` : ''}`));
	return element('p', 'subject', about.join(' · '));
}

function spansPart(panel, length) {
	const result = element('details', 'spans', element('summary', '', counted(panel.spans.length, 'span')), spanTree(panel.spans, length));
	result.open = spansOpen;
	result.addEventListener('toggle', () => spansOpen = result.open);
	return result;
}

function panels() {
	if (pressed(split)) {
		return requests().slice(0, 2).map((request, index) => ({
			...current, title: index === 0 ? 'First request' : 'Second request', spans: below(request),
			requests: current.requests.filter((each) => each.spanId === request.spanId)
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
		element('span', 'subject', identity(run.traceId)));
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
	status.textContent = kept ? `Kept: ${kept.title}. The next run stands beside it.` : 'No longer kept.';
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
	if (open) {
		traces.querySelectorAll('details').forEach((spans) => spans.open = true);
	}
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
