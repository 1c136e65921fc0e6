'use strict';

// Each of "sections" (index.js) is [href, page, heading, text]. A section is found if it has every word of the query.
const LIMIT = 12;
const AROUND = 70;

const query = document.getElementById('query');
const results = document.getElementById('results');
const pages = document.querySelector('nav details');

function words(text) {
	return text.toLowerCase().split(/\s+/).filter((word) => word.length > 0);
}

function occurrences(text, word) {
	return text.toLowerCase().split(word).length - 1;
}

// A word in a heading outweighs any number in the text, where it counts less the longer the text is. The whole query outweighs
// its words
function score([, page, heading, text], wanted) {
	let total = 0;
	for (const word of wanted) {
		const dense = 10 * occurrences(text, word) / (1 + text.length / 1000);
		const here = 50 * occurrences(heading, word) + 10 * occurrences(page, word) + Math.min(9, dense);
		if (here === 0) {
			return 0;
		}
		total += here;
	}
	const whole = wanted.join(' ');
	return total + (wanted.length > 1 ? 500 * Math.min(1, occurrences(heading, whole)) + 200 * Math.min(1, occurrences(text, whole)) : 0);
}

function search(text) {
	const wanted = words(text);
	if (wanted.length === 0) {
		return [];
	}
	return sections.map((section) => ({ section, score: score(section, wanted) }))
		.filter((found) => found.score > 0)
		.sort((one, other) => other.score - one.score);
}

function excerpt(text, wanted) {
	const lower = text.toLowerCase();
	const at = Math.max(0, Math.min(...wanted.map((word) => lower.indexOf(word)).filter((index) => index >= 0), lower.length));
	const from = (at >= lower.length) ? 0 : Math.max(0, at - AROUND);
	const to = from + 2 * AROUND;
	return (from > 0 ? '… ' : '') + text.slice(from, to) + (to < text.length ? ' …' : '');
}

function entry([href, page, heading, text], wanted) {
	const item = document.createElement('li');
	const link = document.createElement('a');
	link.href = href;
	link.textContent = (heading === page) ? page : `${page}: ${heading}`;
	link.addEventListener('click', () => show(''));
	const part = document.createElement('p');
	part.textContent = excerpt(text, wanted);
	item.append(link, part);
	return item;
}

function show(text) {
	const found = search(text);
	results.hidden = words(text).length === 0;
	const more = (found.length > LIMIT) ? `, the first ${LIMIT} are shown` : '';
	results.querySelector('p').textContent = (found.length === 1) ? '1 section' : `${found.length} sections${more}`;
	results.querySelector('ol').replaceChildren(...found.slice(0, LIMIT).map((each) => entry(each.section, words(text))));
}

query.addEventListener('input', () => show(query.value));
query.form.addEventListener('submit', (event) => {
	event.preventDefault();
	results.querySelector('a')?.click();
});
document.addEventListener('keydown', (event) => {
	if (event.key === 'Escape' && !results.hidden) {
		query.value = '';
		show('');
	}
	else if (event.key === '/' && document.activeElement !== query && !event.ctrlKey && !event.metaKey && !event.altKey) {
		event.preventDefault();
		query.focus();
	}
});

// On a narrow screen the list of pages would be before every page
if (matchMedia('(max-width: 60rem)').matches) {
	pages.open = false;
}
