package io.faultline.cli.simulation;

/** No buffer and no queue grows without bound. */
final class BufferBounds {
  /** A read buffer, a header, a run in parts, what waits to be sent: and some of each. */
  private static final long BYTES = 24L << 20;

  private static final int TASKS = 5000;
  private static final long EVENTS = 3_000_000;

  private final InvariantLog rules;
  private final SourceNode source;

  BufferBounds(InvariantLog rules, SourceNode source) {
    this.rules = rules;
    this.source = source;
  }

  /** Behind each event. */
  void check(SimulatedHost destination, long events) {
    check(source.host());
    check(destination);
    rules.require(events < EVENTS, "the run does not end: " + events + " events so far");
  }

  private void check(SimulatedHost host) {
    long bytes = host.allocator().bytesOut();
    if (bytes > BYTES) {
      rules.broken(host.process().name() + " has buffers of " + bytes + " bytes");
    }
    for (int i = 0; i < host.loops().size(); i++) {
      SimulatedLoop loop = host.loops().get(i);
      if (loop.backlog() > TASKS) {
        rules.broken(loop + " has " + loop.backlog() + " tasks waiting");
      }
    }
  }
}
