// Draws where the time of one request went. Takes a request as {path}/requests has it, and needs waterfall.css.
// What a request says is set as text, never as HTML.

/** The phases in their order, with what they are called. */
export const PHASES = {
	queue: 'Waiting for a connection',
	dns: 'DNS lookup',
	connect: 'Connect',
	proxy: 'Proxy',
	tls: 'TLS handshake',
	send: 'Sending the request',
	wait: 'Waiting for the first byte',
	receive: 'Reading the response',
	other: 'Other'
};

/** Returns the seconds of each phase. They add up to the request's duration: what is in no phase is `other`. */
export function phases(request) {
	const known = Object.keys(PHASES).map((phase) => [phase, Math.max(0, request.phases[phase] ?? 0)]);
	const rest = request.duration - known.reduce((sum, [, seconds]) => sum + seconds, 0);
	return Object.fromEntries(known.map(([phase, seconds]) => [phase, phase === 'other' ? Math.max(0, seconds + rest) : seconds]));
}

/** Draws the phases as one bar; each has its share of it. Screen readers have {@link phaseTable}. */
export function phaseBar(request) {
	const entries = Object.entries(phases(request)).filter(([, seconds]) => seconds > 0);
	const total = entries.reduce((sum, [, seconds]) => sum + seconds, 0);
	const bar = element('span', 'nt-phases', ...entries.map(([phase, seconds]) => {
		const part = colored(element('span', 'nt-bar'), phase);
		part.style.inlineSize = percent(seconds / total);
		part.title = `${PHASES[phase]}: ${duration(seconds)}`;
		return part;
	}));
	bar.setAttribute('aria-hidden', 'true');
	return bar;
}

/** Lists all phases with their colours. */
export function legend() {
	return element('ul', 'nt-legend', ...Object.entries(PHASES).map(([phase, name]) => element('li', '', swatch(phase), name)));
}

/** Lists the phases of one request with their shares, or of two with the differences. */
export function phaseTable(requests) {
	const columns = requests.map((request) => ({ ...phases(request), total: request.duration }));
	const heads = columns.length === 1 ? ['Phase', 'Time', 'Share'] : ['Phase', 'First', 'Second', 'Difference'];
	const row = (key, ...name) => element('tr', '', header('row', ...name), ...cells(columns.map((column) => column[key]), columns[0].total));
	return element('table', 'nt-table',
		element('thead', '', element('tr', '', ...heads.map((name) => header('col', name)))),
		element('tbody', '', ...Object.keys(PHASES).filter((phase) => columns.some((column) => column[phase] > 0))
			.map((phase) => row(phase, swatch(phase), PHASES[phase]))),
		element('tfoot', '', row('total', 'Total')));
}

function cells([first, second], total) {
	if (second === undefined) {
		return [element('td', '', duration(first)), element('td', '', `${total > 0 ? Math.round(first / total * 100) : 0}%`)];
	}
	const sign = second < first ? '−' : '+';
	return [element('td', '', duration(first)), element('td', '', duration(second)), element('td', '', `${sign}${duration(Math.abs(second - first))}`)];
}

/** Draws the steps of a request on a time axis that is that many seconds long. */
export function waterfall(request, length = request.duration) {
	const scale = Math.max(length, 1e-6);
	const exchanges = Math.max(...steps(request).map((step) => step.exchange), 0);
	const rows = [overview(request, scale)];
	let exchange = 0;
	for (const step of steps(request)) {
		if (exchanges > 1 && step.exchange !== exchange) {
			exchange = step.exchange;
			rows.push(element('li', 'nt-exchange', `Exchange ${exchange} of ${exchanges}`));
		}
		rows.push(stepRow(step, scale));
	}
	if (request.moreSteps > 0) {
		rows.push(element('li', 'nt-exchange', counted(request.moreSteps, 'more step')));
	}
	const result = element('div', 'nt-waterfall', axis(scale), element('ol', '', ...rows));
	result.style.setProperty('--nt-step', percent(tick(scale) / scale));
	return result;
}

// All steps on one line. Where there is none, its background shows: other

function overview(request, scale) {
	const whole = place(colored(element('span', 'nt-bar'), 'other'), 0, request.duration, scale);
	const bars = steps(request).map((step) => place(colored(element('span', 'nt-bar'), step.phase), step.start, step.duration, scale));
	return line('nt-request', element('span', 'nt-label', element('span', 'nt-name', 'Request')), [whole, ...bars], request.duration);
}

function stepRow(step, scale) {
	const label = element('span', 'nt-label', swatch(step.phase), element('span', 'nt-name', step.name));
	if (step.error) {
		label.append(' ', tag('nt-error', `✕ ${step.error}`));
	}
	const about = [(step.addresses ?? []).join(', '), step.detail ?? ''].filter((part) => part !== '').join(' · ');
	if (about !== '') {
		label.append(' ', element('span', 'nt-detail', about));
	}
	// What the bar's place and length say, for screen readers
	label.append(element('span', 'nt-hidden', ` begins after ${duration(step.start)}, takes `));
	const bar = place(colored(element('span', 'nt-bar'), step.phase), step.start, step.duration, scale);
	const result = line(step.error ? 'nt-step nt-failed' : 'nt-step', label, [bar], step.duration);
	result.dataset.phase = step.phase;
	result.title = `${PHASES[step.phase]}: ${duration(step.duration)}, begins after ${duration(step.start)}`;
	return result;
}

function line(className, label, bars, seconds) {
	const track = element('span', 'nt-track', ...bars);
	track.setAttribute('aria-hidden', 'true');
	return element('li', className, label, track, element('span', 'nt-time', duration(seconds)));
}

function steps(request) {
	return [...request.steps].sort((one, other) => one.exchange - other.exchange || one.start - other.start);
}

function place(bar, start, length, scale) {
	const from = Math.min(start / scale, 1);
	bar.style.insetInlineStart = percent(from);
	bar.style.inlineSize = percent(Math.min(length / scale, 1 - from));
	return bar;
}

function colored(bar, phase) {
	bar.dataset.phase = phase in PHASES ? phase : 'other';
	return bar;
}

function swatch(phase) {
	const result = colored(element('span', 'nt-bar nt-swatch'), phase);
	result.setAttribute('aria-hidden', 'true');
	return result;
}

export function tag(className, text) {
	return element('span', `nt-tag ${className}`, text);
}

// Hidden from screen readers: each row says when it begins and how long it takes

function axis(scale) {
	const ticks = element('span', 'nt-scale');
	for (let count = 0; count * tick(scale) <= scale; count++) {
		const at = count * tick(scale);
		// Text beside the last tick would stick out
		const label = element('span', '', at === 0 ? '0' : at / scale > 0.85 ? '' : tickLabel(at));
		label.style.insetInlineStart = percent(at / scale);
		ticks.append(label);
	}
	const result = element('div', 'nt-axis', ticks);
	result.setAttribute('aria-hidden', 'true');
	return result;
}

// The largest of 1, 2 and 5 times a power of ten that gives two ticks at least, beside the one at 0

function tick(scale) {
	const most = scale / 2.5;
	const power = 10 ** Math.floor(Math.log10(most));
	return [5, 2, 1].map((factor) => factor * power).find((candidate) => candidate <= most) ?? power;
}

function percent(share) {
	return `${(share * 100).toFixed(4)}%`;
}

/** Returns a time in seconds as text, with as many digits as the verdict in words has. */
export function duration(seconds) {
	if (seconds === 0) {
		return '0';
	}
	const millis = seconds * 1000;
	if (millis < 0.9995) {
		return `${Math.round(millis * 1000)} µs`;
	}
	return millis < 999.95 ? `${millis.toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

function tickLabel(seconds) {
	return duration(seconds).replace(/\.0+ /, ' ');
}

/** Returns a number of things. */
export function counted(number, thing) {
	return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

function header(scope, ...children) {
	const result = element('th', '', ...children);
	result.scope = scope;
	return result;
}

/** Makes an element. Children that are strings become text. */
export function element(name, className, ...children) {
	const result = document.createElement(name);
	if (className) {
		result.className = className;
	}
	result.append(...children);
	return result;
}
