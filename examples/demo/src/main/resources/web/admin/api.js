/** The HTTP API of the server, with an API key. */
export class Api {
  #key;

  constructor(key) {
    this.#key = key;
  }

  /** Whether the server takes the key: asks for something that it would refuse for another reason. */
  async check() {
    const { status } = await this.#send('POST', '/api/rooms', {});
    if (status === 401) throw new Error('This is no API key of this server.');
    if (status === 404) throw new Error('This server takes no API keys: it was started without --api-key-file.');
  }

  async get(path) {
    return answer(await this.#send('GET', path));
  }

  async post(path, body = {}) {
    return answer(await this.#send('POST', path, body));
  }

  async delete(path) {
    return answer(await this.#send('DELETE', path));
  }

  #send(method, path, body) {
    const headers = { Authorization: 'Bearer ' + this.#key };
    if (body) headers['Content-Type'] = 'application/json';
    return fetch(path, { method, headers, body: body && JSON.stringify(body), cache: 'no-store' });
  }
}

async function answer(response) {
  const json = await response.json();
  if (!response.ok) {
    const error = new Error(json.detail ?? json.title ?? 'refused with ' + response.status);
    error.status = response.status;
    throw error;
  }
  return json;
}
