// Runs before anything is painted: chooses the theme, and holds the few things that pages ask the browser for.
(() => {
  const key = 'tasksync-theme';
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const choice = () => {
    try { return localStorage.getItem(key) || 'system'; } catch { return 'system'; }
  };
  const apply = () => {
    const chosen = choice();
    const theme = chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen;
    document.documentElement.dataset.theme = theme;
    document.documentElement.style.colorScheme = theme;
  };
  apply();
  dark.addEventListener('change', apply);
  window.addEventListener('storage', apply);

  // The rules of dialogs and pickers take long to read: they come when the page is there, and hold up neither it nor its circuit.
  document.addEventListener('DOMContentLoaded', () => {
    const isThere = () => !document.querySelector('[data-interactive=false], main [aria-busy=true]');
    const load = () => (window.requestIdleCallback || setTimeout)(() => document.querySelectorAll('link[data-late]').forEach(link => { link.disabled = false; }));
    if (isThere()) { load(); return; }
    new MutationObserver((_, watch) => {
      if (!isThere()) return;
      watch.disconnect();
      load();
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });

  let keys = null;
  // The row somebody went to with the pointer or the Tab key since the last key was sent; moves of our own do not count, the page knows those.
  let visited = null;
  let moving = false;
  document.addEventListener('focusin', event => {
    const row = event.target.closest ? event.target.closest('[data-task-id]') : null;
    if (!moving && row) visited = row.dataset.taskId;
  });
  // What is typed ahead, before the dialog is there, must not act on the list.
  let opening = 0;
  const expectDialog = () => { opening = performance.now() + 2000; };
  const typing = element => element && (element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName));
  // Keys pressed on a page that is just beginning to listen are kept for it.
  let early = [];
  const send = (key, row) => {
    if (keys) keys.invokeMethodAsync('OnKey', key, row);
    else early.push([key, row]);
  };
  const onKey = event => {
    if (!document.querySelector('.command-center') || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector('.mud-dialog, .popup-panel')) {
      opening = 0;
      // Escape closes a dialog that is there but has not got the focus yet, too.
      if (event.key === 'Escape' && !event.target.closest('.mud-dialog, .popup')) {
        const dialog = document.querySelector('.mud-dialog .dialog-actions');
        if (dialog) dialog.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
        else send('Escape', null);
      }
      return;
    }
    if (performance.now() < opening) return;
    if (event.key === 'Escape' && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) && event.target.type !== 'checkbox') return;
    const onControl = event.target.closest && event.target.closest('button, a');
    if (event.key === 'Enter' && onControl) return;
    if (!['n', '/', 'j', 'k', 'x', 'e', 's', 'Enter', '#', 'z', '?', 'ArrowDown', 'ArrowUp'].includes(event.key)) return;
    if (event.key.startsWith('Arrow') && !(event.target.closest && event.target.closest('[data-task-id]'))) return;
    event.preventDefault();
    if (event.key === 'n' || event.key === 'Enter') expectDialog();
    send(event.key, visited);
    visited = null;
  };
  document.addEventListener('keydown', onKey);

  // The tooltips of a row are the same in each: they are not sent with it.
  const tips = { Check: 'Complete (e)', Snooze: 'Snooze (s)', Edit: 'Edit (Enter)', DeleteOutline: 'Delete (#)' };
  document.addEventListener('pointerover', event => {
    const button = event.target.closest ? event.target.closest('.task button:not([title], .menu-item)') : null;
    if (button) button.title = button.matches('.is-done') ? 'Reopen' : tips[button.querySelector('use').getAttribute('href').split('#')[1]];
  });

  // A long list holds only the rows around what is seen, all of one height: the page is asked for more before the last of them is reached.
  const ahead = 10;
  let asked = '';
  const look = async () => {
    for (const list of document.querySelectorAll('[data-list]')) {
      const height = list.firstElementChild ? list.firstElementChild.getBoundingClientRect().height : 0;
      const [top, count, from] = [list.getBoundingClientRect().top, Number(list.dataset.count), Number(list.dataset.from)];
      const [first, last] = [-top, window.innerHeight - top].map(edge => Math.min(count, Math.max(0, Math.floor(edge / height))));
      const question = [list.dataset.list, first, last].join();
      const lacks = Math.max(0, first - ahead) < from || Math.min(count, last + ahead) > from + list.childElementCount;
      if (!keys || !height || first === last || !lacks || question === asked) continue;
      asked = question;
      again = true; // one may have scrolled on when the answer comes
      await keys.invokeMethodAsync('OnSeen', list.dataset.list, first, last).catch(() => {});
    }
  };
  let looking = false;
  let again = false;
  const lookSoon = () => {
    again = looking;
    if (looking || !document.querySelector('[data-list]')) return;
    looking = true;
    setTimeout(() => look().finally(() => {
      looking = false;
      if (again) lookSoon();
    }), 50);
  };
  document.addEventListener('scroll', lookSoon, { passive: true });
  window.addEventListener('resize', lookSoon);

  document.addEventListener('click', event => {
    const target = event.target.closest ? event.target.closest('.task-meta a, [data-action], [data-opens], .task-main, .edit-button, .skip-link') : null;
    if (!target) return;
    if (target.classList.contains('skip-link')) {
      event.preventDefault();
      const main = document.getElementById('main');
      main.focus();
      main.scrollIntoView();
    } else if (target.matches('.task-meta a')) {
      event.stopImmediatePropagation(); // it leads to Salesforce, and does not open the task as well
    } else if (target.matches('[data-opens], .task-main, .edit-button')) {
      expectDialog();
    } else if (target.dataset.action === 'reload') {
      location.reload();
    } else if (target.dataset.action === 'reconnect') {
      Blazor.reconnect().then(back => { if (!back) location.reload(); }, () => {});
    }
  });

  // What is typed into a field with data-draft survives its page: an ended sign-in, a restart of the server, a reload. In this tab alone, and until its person signs out.
  const drafts = 'tasksync-draft:';
  const keepDraft = (name, text) => {
    try { if (text) sessionStorage.setItem(drafts + name, text); else sessionStorage.removeItem(drafts + name); } catch { /* private mode: it lasts as long as the page */ }
  };
  document.addEventListener('input', event => { if (event.target.dataset && event.target.dataset.draft) keepDraft(event.target.dataset.draft, event.target.value); });
  document.addEventListener('submit', event => {
    if (new URL(event.target.action, location).pathname !== '/sign-out') return;
    try { Object.keys(sessionStorage).filter(name => name.startsWith(drafts)).forEach(name => sessionStorage.removeItem(name)); } catch { /* nothing was kept */ }
  });

  // The server was restarted meanwhile: the page begins anew, unless something typed would be lost.
  document.addEventListener('DOMContentLoaded', () => {
    const reconnect = document.getElementById('components-reconnect-modal');
    if (!reconnect) return;
    reconnect.addEventListener('components-reconnect-state-changed', event => {
      if (!document.querySelector('.mud-dialog') && (event.detail.state === 'rejected' || event.detail.state === 'resume-failed')) location.reload();
    });
  });

  // A page that cannot begin to live says so, in the server's words if it gave any.
  window.addEventListener('unhandledrejection', event => {
    const error = document.getElementById('blazor-error-ui');
    if (!error || document.querySelector('[data-interactive=true]')) return;
    const words = /"detail":"([^"]+)"/.exec(String(event.reason));
    if (words) error.querySelector('span').textContent = words[1];
    error.style.display = 'block';
  });

  // The page of an outage goes on by itself as soon as another page can be had.
  document.addEventListener('DOMContentLoaded', () => {
    const link = document.querySelector('[data-comes-back]');
    if (!link) return;
    setInterval(() => fetch('/sign-in').then(answer => { if (answer.ok) location.replace(link.href); }, () => {}), 5000);
  });

  let pointer = null;
  document.addEventListener('pointermove', event => { pointer = event.pointerType === 'mouse' ? event : null; }, { passive: true });
  document.addEventListener('pointerleave', () => { pointer = null; });

  window.taskSync = {
    theme: choice,
    setTheme: chosen => {
      try { localStorage.setItem(key, chosen); } catch { /* private mode: the choice lasts for this page */ }
      apply();
    },
    copy: async text => {
      try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
    },
    draft: name => {
      try { return sessionStorage.getItem(drafts + name); } catch { return null; }
    },
    forgetDraft: name => keepDraft(name, ''),
    timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone || null,
    // What is to have the focus may be drawn a moment later than it is asked for.
    focus: async selector => {
      let element = document.querySelector(selector);
      for (let tries = 0; !element && tries < 40; tries++) {
        await new Promise(done => setTimeout(done, 25));
        element = document.querySelector(selector);
      }
      if (!element) return;
      // Somebody was quicker and is in another field of the same dialog already: that is not taken away.
      const now = document.activeElement;
      if (now !== element && typing(now) && now.closest('.mud-dialog') && element.closest('.mud-dialog')) return;
      moving = true;
      element.focus();
      moving = false;
      if (element.type === 'search') element.select();
      element.scrollIntoView({ block: 'nearest' });
    },
    listenToKeys: target => {
      keys = target;
      early.splice(0).forEach(([key, row]) => send(key, row));
      lookSoon();
    },
    stopKeys: () => { keys = null; early = []; },
    isPointerOver: selector => {
      if (!pointer) return false;
      const under = document.elementFromPoint(pointer.clientX, pointer.clientY);
      return !!(under && under.closest(selector));
    },
  };
})();
