// The page reads nothing but the JSON API. Whatever comes from there is set as text, never as HTML.

const scenarios = document.getElementById('scenarios');
const status = document.getElementById('status');
const trace = document.getElementById('trace');
const unfold = document.getElementById('unfold');

let running = false;

async function start() {
	unfold.addEventListener('click', () => unfoldAll(unfold.getAttribute('aria-pressed') !== 'true'));
	try {
		const listing = await call('GET', 'api/scenarios');
		scenarios.replaceChildren(...listing.scenarios.map(scenarioItem));
	}
	catch (failure) {
		status.textContent = failure.message;
	}
}

function scenarioItem(scenario) {
	const button = element('button', '', element('strong', '', scenario.name), element('span', '', scenario.description));
	button.type = 'button';
	button.addEventListener('click', () => run(scenario.name, button));
	return element('li', '', button);
}

async function run(name, button) {
	if (running) {
		return;
	}
	running = true;
	scenarios.querySelector('[aria-current]')?.removeAttribute('aria-current');
	button.setAttribute('aria-current', 'true');
	status.textContent = `Running ${name} …`;
	try {
		show(name, await call('POST', `api/scenarios/${encodeURIComponent(name)}`));
	}
	catch (failure) {
		trace.replaceChildren();
		unfold.hidden = true;
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

function show(name, result) {
	const spans = result.spans;
	const ids = new Set(spans.map((span) => span.spanId));
	const roots = spans.filter((span) => !ids.has(span.parentId));
	const start = Math.min(...spans.map((span) => span.startMicros));
	trace.replaceChildren(tree(roots, spans, start));
	unfold.hidden = spans.length === 0;
	unfoldAll(false);
	reveal();
	const errors = spans.filter(failed).length;
	status.textContent = [
		name,
		roots.length === 1 ? duration(roots[0].durationMicros) : '',
		`${spans.length} spans`,
		errors > 0 ? `${errors} with an error` : '',
		result.complete ? '' : 'not complete: not every span has ended yet',
		`trace ${result.traceId}`
	].filter((part) => part !== '').join(' · ');
}

// On a phone the trace is below the fold

function reveal() {
	if (trace.getBoundingClientRect().top > window.innerHeight - 100) {
		document.getElementById('trace-title').scrollIntoView();
	}
}

function tree(siblings, spans, start) {
	return element('ul', '', ...siblings.map((span) => {
		const children = spans.filter((child) => child.parentId === span.spanId);
		const item = element('li', '', spanDetails(span, start));
		if (children.length > 0) {
			item.append(tree(children, spans, start));
		}
		return item;
	}));
}

function spanDetails(span, start) {
	const summary = element('summary', '', element('span', 'name', span.name));
	if (span.kind !== 'INTERNAL') {
		summary.append(element('span', 'kind', span.kind.toLowerCase()));
	}
	if (failed(span)) {
		summary.append(element('span', 'error', '✕ ' + (cause(span.attributes))));
	}
	const about = subject(span);
	if (about) {
		summary.append(element('span', 'detail mono', about));
	}
	summary.append(element('span', 'duration', duration(span.durationMicros)));
	const kinds = [ours(span) ? 'ours' : '', failed(span) ? 'failed' : ''].join(' ').trim();
	return element('details', kinds, summary, attributeList(span, start));
}

function attributeList(span, start) {
	const entries = Object.entries(span.attributes).map(([key, value]) => [key, text(value)]);
	entries.unshift(['starts after', duration(span.startMicros - start)]);
	return element('dl', '', ...entries.flatMap(([key, value]) => [element('dt', 'mono', key), element('dd', 'mono', value)]));
}

function unfoldAll(open) {
	unfold.setAttribute('aria-pressed', String(open));
	trace.querySelectorAll('details').forEach((details) => details.open = open);
}

// What a span is about, in a few words

function subject(span) {
	const attributes = span.attributes;
	if (attributes['network.peer.address']) {
		return `${attributes['network.peer.address']}:${attributes['network.peer.port']}`;
	}
	if (attributes['dns.question.name']) {
		const answers = known(text(attributes['dns.answers'] ?? ''));
		return attributes['dns.question.name'] + (answers ? ` → ${answers}` : '');
	}
	return span.kind === 'CLIENT' ? attributes['http.url'] : undefined;
}

function cause(attributes) {
	return known(attributes['error.type']) ?? known(attributes['exception']) ?? 'error';
}

function ours(span) {
	return 'nettrace.client' in span.attributes;
}

function failed(span) {
	return span.status === 'ERROR';
}

function known(value) {
	return value === '' || value === 'none' ? undefined : value;
}

function text(value) {
	return Array.isArray(value) ? value.join(', ') : String(value);
}

function duration(micros) {
	if (micros < 1000) {
		return `${micros} µs`;
	}
	return micros < 1000000 ? `${(micros / 1000).toFixed(1)} ms` : `${(micros / 1000000).toFixed(2)} s`;
}

function element(tag, className, ...children) {
	const result = document.createElement(tag);
	if (className) {
		result.className = className;
	}
	result.append(...children);
	return result;
}

start();
