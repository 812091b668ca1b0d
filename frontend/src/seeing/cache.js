// What was read, kept up to a number of bytes: what was used longest ago goes first.

export class Cache {
  constructor(most) {
    this.most = most;
    this.bytes = 0;
    this.entries = new Map();
  }

  // The value where it has arrived already, else undefined.
  peek(key) {
    return this.entries.get(key)?.value;
  }

  get(key, make) {
    let entry = this.entries.get(key);
    if (entry) this.entries.delete(key);
    else {
      entry = { bytes: 0 };
      entry.promise = make().then((value) => this.weigh(entry, value), (error) => this.drop(key, error));
    }
    this.entries.set(key, entry);
    return entry.promise;
  }

  weigh(entry, value) {
    Object.assign(entry, { value, bytes: value?.data?.byteLength ?? 0 });
    this.bytes += entry.bytes;
    for (const [key, old] of this.entries) {
      if (this.bytes <= this.most) break;
      if (old === entry) continue;
      this.bytes -= old.bytes;
      this.entries.delete(key);
    }
    return value;
  }

  drop(key, error) {
    this.entries.delete(key);
    throw error;
  }
}
