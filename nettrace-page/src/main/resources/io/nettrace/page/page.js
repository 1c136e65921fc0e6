// Reads nothing but {path}/requests. What comes from there is set as text, never as HTML.

import { counted, duration, element, legend, phaseBar, phaseTable, tag, waterfall } from './waterfall.js';

const INTERVAL = 2000;
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const EXACT_TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

const status = document.getElementById('status');
const pause = document.getElementById('pause');
const filter = document.getElementById('filter');
const count = document.getElementById('count');
const list = document.getElementById('list');
const empty = document.getElementById('empty');
const back = document.getElementById('back');
const compare = document.getElementById('compare');
const title = document.getElementById('details-title');
const hint = document.getElementById('hint');
const panels = document.getElementById('panels');
const whole = document.getElementById('whole');

let requests = [];
let selected;
let kept;
let drawn;
let reading = false;

function start() {
	document.getElementById('legend').append(legend());
	filter.addEventListener('input', () => {
		drawList();
		say(count.textContent);
	});
	filter.addEventListener('submit', (event) => event.preventDefault());
	pause.addEventListener('click', togglePause);
	compare.addEventListener('click', toggleCompare);
	list.addEventListener('keydown', move);
	window.addEventListener('hashchange', select);
	document.addEventListener('visibilitychange', read);
	setInterval(read, INTERVAL);
	read();
}

// What has been read stays when the application does not answer: with devtools it is restarted all the time

async function read() {
	if (reading || document.hidden || pressed(pause)) {
		return;
	}
	reading = true;
	const read = await load().finally(() => {
		reading = false;
	});
	if (read !== undefined) {
		show(read);
	}
}

async function load() {
	try {
		const headers = { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' };
		const response = await fetch('requests', { headers, redirect: 'manual', cache: 'no-store' });
		if (isLogin(response)) {
			problem('You are logged out. Reload the page to log in.');
			return undefined;
		}
		if (!response.ok) {
			problem(`The application answers with status ${response.status}. Trying again.`);
			return undefined;
		}
		const { requests } = await response.json();
		problem('');
		return requests;
	}
	catch {
		problem('The application does not answer. Trying again.');
		return undefined;
	}
}

function isLogin(response) {
	return response.type === 'opaqueredirect' || response.status === 401 || response.status === 403
		|| (response.ok && !response.headers.get('Content-Type')?.startsWith('application/json'));
}

function problem(text) {
	document.body.classList.toggle('problem', text !== '');
	if (text !== '' || status.dataset.problem) {
		say(text);
	}
	status.dataset.problem = text;
}

// Screen readers hear of what the user does and of problems, not of each request that comes

function say(text) {
	if (status.textContent !== text) {
		status.textContent = text;
	}
}

function show(read) {
	requests = read;
	drawHosts();
	drawList();
	if (selected === undefined && find(hash()) !== undefined) {
		select();
	}
	else if (!panels.contains(document.activeElement)) {
		drawDetails();
	}
}

function drawHosts() {
	const select = filter.elements.host;
	const hosts = new Set(['', select.value, ...requests.map((request) => request.host ?? '').sort()]);
	if ([...select.options].map((option) => option.value).join('\n') !== [...hosts].join('\n')) {
		const chosen = select.value;
		select.replaceChildren(...[...hosts].map((host) => new Option(host === '' ? 'All hosts' : host, host)));
		select.value = chosen;
	}
}

// Items that stay are left where they are, so that focus and scroll position stay, too

function drawList() {
	const shown = requests.filter(matches);
	const keys = new Set(shown.map(key));
	const items = new Map([...list.children].map((item) => [item.dataset.key, item]));
	items.forEach((item, itsKey) => {
		if (!keys.has(itsKey) && !item.contains(document.activeElement)) {
			item.remove();
			items.delete(itsKey);
		}
	});
	let before = list.firstElementChild;
	for (const request of shown) {
		const item = items.get(key(request));
		if (item === undefined) {
			list.insertBefore(listItem(request), before);
		}
		else {
			before = item.nextElementSibling;
		}
	}
	mark();
	empty.hidden = list.childElementCount > 0;
	empty.textContent = requests.length > 0 ? 'None of the last requests matches.' : empty.dataset.text ??= empty.textContent;
	count.textContent = shown.length === requests.length ? counted(requests.length, 'request') : `${shown.length} of ${counted(requests.length, 'request')}`;
}

function matches(request) {
	const { host, slow, failed } = filter.elements;
	return (host.value === '' || request.host === host.value) && request.duration * 1000 >= Number(slow.value)
		&& (!failed.checked || isFailed(request));
}

function isFailed(request) {
	return Boolean(request.error) || Number(request.status) >= 400;
}

function listItem(request) {
	const what = element('span', '', element('span', 'method', request.method ?? ''), ' ', element('span', 'host', request.host ?? ''),
		element('span', 'uri', request.uri ?? ''));
	const how = element('span', '', outcome(request), ' ', ...connectionTag(request));
	const link = element('a', 'request', element('span', 'line', what, ' ', element('span', 'took', duration(request.duration))),
		phaseBar(request), ' ', element('span', 'line', how, ' ', time(request, TIME)), ' ', element('span', 'words', request.words));
	link.href = `#${request.id}`;
	const item = element('li', '', link);
	item.dataset.key = key(request);
	return item;
}

// Ids begin anew when the application is restarted

function key(request) {
	return `${request.id} ${request.time}`;
}

function outcome(request) {
	const refused = Number(request.status) >= 400;
	if (request.error && !refused) {
		return tag('nt-error', `✕ ${request.error}`);
	}
	return refused ? tag('nt-error', `✕ ${request.status}`) : tag('', request.status ?? 'no status');
}

function connectionTag(request) {
	return request.connection?.reused && !opened(request) ? [tag('', 'kept connection')] : [];
}

function time(request, format) {
	const result = element('time', '', format.format(new Date(request.time)));
	result.dateTime = request.time;
	return result;
}

function move(event) {
	const steps = { ArrowDown: 1, ArrowUp: -1 };
	if (event.key in steps) {
		const links = [...list.querySelectorAll('a')];
		links[links.indexOf(document.activeElement) + steps[event.key]]?.focus();
		event.preventDefault();
	}
}

// The address has the selection, so that the browser's way back works

function select() {
	const before = selected;
	selected = find(hash()) ?? (selected?.id === hash() ? selected : undefined);
	if (selected !== undefined && !status.dataset.problem) {
		say('');
	}
	drawn = undefined;
	mark();
	drawDetails();
	if (selected !== undefined && before !== selected && back.offsetParent !== null) {
		// On a phone the details are in place of the list
		title.focus();
	}
	else if (selected === undefined && before !== undefined) {
		link(before)?.focus();
	}
}

function hash() {
	return location.hash.slice(1);
}

function find(id) {
	return requests.find((request) => request.id === id);
}

function link(request) {
	return [...list.children].find((item) => item.dataset.key === key(request))?.querySelector('a');
}

function mark() {
	for (const item of list.children) {
		const current = selected !== undefined && item.dataset.key === key(selected);
		const each = item.querySelector('a');
		if (current) {
			each.setAttribute('aria-current', 'true');
		}
		else {
			each.removeAttribute('aria-current');
		}
		item.classList.toggle('kept', kept !== undefined && item.dataset.key === key(kept));
	}
}

// Two requests stand side by side on one scale, so that equal bars are equal times

function drawDetails() {
	const shown = [...new Set([kept, selected])].filter((request) => request !== undefined);
	const state = JSON.stringify([kept !== undefined, shown, shown.map((request) => [opener(request)?.id, isListed(request)])]);
	if (state === drawn) {
		return;
	}
	drawn = state;
	document.body.classList.toggle('selected', selected !== undefined);
	compare.hidden = shown.length === 0;
	hint.hidden = shown.length > 0;
	compare.textContent = kept === undefined ? 'Compare with another' : 'Stop comparing';
	title.replaceChildren(...breakable(heading(shown)));
	const length = Math.max(0, ...shown.map((request) => request.duration));
	panels.replaceChildren(...shown.map((request) => panel(request, length)));
	whole.replaceChildren(...total(shown));
}

function heading(shown) {
	if (kept !== undefined) {
		return shown.length === 2 ? 'Two requests on one scale' : 'Choose the other request in the list';
	}
	return shown.length === 1 ? name(shown[0]) : 'No request is selected';
}

function name(request) {
	return `${request.method ?? ''} ${request.host ?? ''}${request.uri ?? ''}`;
}

// A long path rather breaks before a slash than within a word

function breakable(text) {
	return text.split(/(?=\/)/).flatMap((part) => [part, element('wbr', '')]).slice(0, -1);
}

function panel(request, length) {
	return element('article', '', element('h3', '', ...breakable(kept === undefined ? '' : name(request))), element('p', 'verdict', request.words),
		facts(request), waterfall(request, length), failures(request));
}

function total(shown) {
	switch (shown.length) {
		case 1:
			return [element('h3', '', 'Where the time went'), phaseBar(shown[0]), phaseTable(shown)];
		case 2:
			return [element('h3', '', 'Where the time went'), phaseTable(shown)];
		default:
			return [];
	}
}

function failures(request) {
	return request.failures.length > 0
		? element('div', '', element('h3', '', 'What failed'), element('ul', 'failures', ...request.failures.map(failure)))
		: element('div', '');
}

function failure(each) {
	return element('li', '', tag('nt-error', `✕ ${each.error}`), ` in ${each.phase}`, each.detail ? `: ${each.detail}` : '');
}

function facts(request) {
	const entries = [
		['Outcome', [outcome(request), ` after ${duration(request.duration)}`]],
		['Error', [request.error ?? '']],
		['At', [time(request, EXACT_TIME), isListed(request) ? '' : ' (no longer in the list)']],
		['Client', [request.client ?? '']],
		['Connection', connection(request)],
		['Peer', [peer(request.connection)]],
		['Trace', request.traceId ? [element('span', 'mono', request.traceId)] : []]
	];
	return element('dl', 'facts', ...entries.filter(([, values]) => values.some((value) => value !== '')).flatMap(([term, values]) =>
		[element('dt', '', term), element('dd', '', ...values)]));
}

function connection(request) {
	const it = request.connection;
	if (!it) {
		return ['none'];
	}
	const parts = it.reused
		? ['kept', it.idle > 0 ? `idle for ${duration(it.idle)}` : '', `${duration(it.age)} old`, `request ${it.requests} on it`]
		: ['new'];
	return [[`number ${it.id}`, ...parts].filter((part) => part !== '').join(' · '), ...openedBy(request)];
}

function openedBy(request) {
	if (opened(request)) {
		return [' · opened by this request'];
	}
	const by = request.connection.openedBy;
	const it = opener(request);
	if (it !== undefined) {
		const result = element('a', '', ...breakable(name(it)));
		result.href = `#${it.id}`;
		return [' · opened by ', result];
	}
	return by?.traceId ? [' · opened by trace ', element('span', 'mono', by.traceId)] : [];
}

// A later exchange, after a redirect for one, finds the connection that the first has opened

function opened(request) {
	return request.connection?.openedBy?.requestId === request.id;
}

function opener(request) {
	const by = request.connection?.openedBy;
	return by?.requestId ? find(by.requestId) : undefined;
}

function isListed(request) {
	return requests.some((each) => key(each) === key(request));
}

function peer(it) {
	if (!it?.peerAddress) {
		return '';
	}
	const address = it.peerAddress.includes(':') ? `[${it.peerAddress}]` : it.peerAddress;
	return [it.peerPort ? `${address}:${it.peerPort}` : address, it.protocol ? `HTTP/${it.protocol}` : '', it.tls ?? '']
		.filter((part) => part !== '').join(' · ');
}

function toggleCompare() {
	kept = kept === undefined ? selected : undefined;
	if (kept !== undefined && back.offsetParent !== null) {
		location.hash = '';
	}
	mark();
	drawDetails();
	say(kept === undefined ? 'Not comparing.' : 'Choose the other request in the list.');
}

function togglePause() {
	press(pause, !pressed(pause));
	say(pressed(pause) ? 'Paused: new requests are not shown.' : '');
	read();
}

function pressed(button) {
	return button.getAttribute('aria-pressed') === 'true';
}

function press(button, value) {
	button.setAttribute('aria-pressed', String(value));
}

start();
