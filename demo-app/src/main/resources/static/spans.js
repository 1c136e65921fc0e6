// Draws a trace: a row a span, its bar on a time axis. Whatever a span says is set as text, never as HTML.

import { element } from './nettrace/waterfall.js';

let rows = 0;

/** Draws spans, given as roots and everything below them, on an axis that is that many microseconds long. */
export function spanTree(spans, length) {
	const start = Math.min(...spans.map((span) => span.startMicros));
	const scale = { start, length: Math.max(length, 1) };
	const ids = new Set(spans.map((span) => span.spanId));
	const roots = spans.filter((span) => !ids.has(span.parentId));
	const result = element('div', 'waterfall', axis(scale.length), siblings(roots, spans, scale, 0));
	result.style.setProperty('--step', percent(step(scale.length) / scale.length));
	return result;
}

/** How long a trace took from its first start to its last end, in microseconds. */
export function extent(spans) {
	const start = Math.min(...spans.map((span) => span.startMicros));
	return Math.max(...spans.map((span) => span.startMicros + span.durationMicros)) - start;
}

/** Shows or hides the attributes of every row below an element. */
export function expandAll(parent, expanded) {
	parent.querySelectorAll('.row').forEach((row) => expand(row, expanded));
}

// Hidden from screen readers: each row says when it begins and how long it takes

function axis(length) {
	const scale = element('div', 'scale');
	for (let tick = 0; tick <= length; tick += step(length)) {
		// Text beside the last tick would stick out
		const text = tick === 0 ? '0' : tick / length > 0.85 ? '' : duration(tick);
		const label = element('span', '', text);
		label.style.insetInlineStart = percent(tick / length);
		scale.append(label);
	}
	const result = element('div', 'axis', scale);
	result.setAttribute('aria-hidden', 'true');
	return result;
}

// The largest of 1, 2 and 5 times a power of ten that gives two ticks at least, beside the one at 0

function step(length) {
	const most = length / 2.5;
	const power = 10 ** Math.floor(Math.log10(most));
	return Math.max(1, [5, 2, 1].map((factor) => factor * power).find((candidate) => candidate <= most));
}

function siblings(spans, all, scale, depth) {
	return element('ul', '', ...spans.map((span) => {
		const details = attributes(span, scale.start);
		const item = element('li', '', row(span, details, scale, depth), details);
		const children = all.filter((child) => child.parentId === span.spanId);
		if (children.length > 0) {
			item.append(siblings(children, all, scale, depth + 1));
		}
		return item;
	}));
}

function row(span, details, scale, depth) {
	const kinds = { row: true, ours: ours(span), dns: lookup(span), connect: connect(span), failed: failed(span), cancelled: cancelled(span) };
	const result = element('button', Object.keys(kinds).filter((kind) => kinds[kind]).join(' '), label(span), track(span, scale),
		element('span', 'duration', duration(span.durationMicros)));
	result.type = 'button';
	result.style.setProperty('--depth', depth);
	result.dataset.span = span.spanId;
	result.setAttribute('aria-controls', details.id);
	expand(result, false);
	result.addEventListener('click', () => expand(result, result.getAttribute('aria-expanded') !== 'true'));
	result.addEventListener('keydown', (event) => move(event, result));
	// What the pointer or the focus shows must be dismissable without moving either
	result.addEventListener('blur', () => result.classList.remove('dismissed'));
	result.addEventListener('pointerleave', () => result.classList.remove('dismissed'));
	return result;
}

function label(span) {
	const result = element('span', 'label', element('span', 'name', span.name));
	if (span.kind !== 'INTERNAL') {
		result.append(element('span', 'tag', span.kind.toLowerCase()));
	}
	if (span.attributes['nettrace.dns.coalesced'] === 'true') {
		result.append(element('span', 'tag', 'coalesced'));
	}
	if (failed(span)) {
		result.append(element('span', 'tag error', `✕ ${cause(span.attributes)}`));
	}
	else if (cancelled(span)) {
		result.append(element('span', 'tag', 'cancelled'));
	}
	const about = subject(span);
	if (about) {
		result.append(element('span', 'subject mono', about));
	}
	return result;
}

function track(span, scale) {
	const bar = element('span', 'bar');
	bar.style.insetInlineStart = percent((span.startMicros - scale.start) / scale.length);
	bar.style.inlineSize = percent(span.durationMicros / scale.length);
	const result = element('span', 'track', bar);
	result.setAttribute('aria-hidden', 'true');
	return result;
}

function attributes(span, start) {
	const entries = Object.entries(span.attributes).map(([key, value]) => [key, text(value)]);
	entries.push(...(span.queries ?? []).map((query) => ['DNS query', query]));
	entries.unshift(['starts after', duration(span.startMicros - start)]);
	const result = element('dl', 'attributes',
		...entries.flatMap(([key, value]) => [element('dt', 'mono', key), element('dd', 'mono', value)]));
	result.id = `attributes-${++rows}`;
	return result;
}

function expand(button, expanded) {
	button.setAttribute('aria-expanded', String(expanded));
}

function move(event, button) {
	if (event.key === 'Escape') {
		button.classList.add('dismissed');
		return;
	}
	const steps = { ArrowDown: 1, ArrowUp: -1 };
	if (!(event.key in steps)) {
		return;
	}
	const all = [...button.closest('.waterfall').querySelectorAll('.row')];
	all[all.indexOf(button) + steps[event.key]]?.focus();
	event.preventDefault();
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

function lookup(span) {
	return ours(span) && 'dns.question.name' in span.attributes;
}

function connect(span) {
	return ours(span) && 'nettrace.connect.outcome' in span.attributes;
}

export function failed(span) {
	return span.status === 'ERROR';
}

function cancelled(span) {
	return span.attributes['nettrace.connect.outcome'] === 'cancelled';
}

function known(value) {
	return value === '' || value === 'none' ? undefined : value;
}

function text(value) {
	return Array.isArray(value) ? value.join(', ') : String(value);
}

function percent(share) {
	return `${(share * 100).toFixed(4)}%`;
}

export function duration(micros) {
	if (micros < 1000) {
		return `${micros} µs`;
	}
	const millis = micros / 1000;
	return millis < 1000 ? `${Number(millis.toFixed(1))} ms` : `${Number((millis / 1000).toFixed(2))} s`;
}
