// Server-sent events out of a fetch: EventSource cannot POST and cannot send a key.

/** Yields `{event, data}` with the data parsed as JSON; comments and unknown fields are passed over. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (let done = false; !done; ) {
      const read = await reader.read();
      done = read.done;
      rest += read.value ?? "";
      // A lone CR at the end may be half of a CRLF, unless nothing follows.
      const ready = rest.endsWith("\r") && !done ? rest.slice(0, -1) : rest;
      const blocks = ready.replace(/\r\n?/g, "\n").split("\n\n");
      rest = blocks.pop() + rest.slice(ready.length);
      for (const block of blocks) {
        const found = parse(block);
        if (found) yield found;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}
