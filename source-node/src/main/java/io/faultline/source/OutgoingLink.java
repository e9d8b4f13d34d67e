package io.faultline.source;

import io.faultline.proto.wire.Frame;

/** What the outgoing migration does to the world. Called by the control loop only. */
interface OutgoingLink {
  /** Sends on the control connection. */
  void send(Frame frame);

  /** Sends RUN, and what the VM needs first behind it. */
  void run();

  /** Sends what the destination lacks, on the bulk connections. */
  void startRound(int round);

  /** Ends the round early. */
  void cutRound();

  /** Whether {@link #discardAhead} can be. */
  boolean canDiscardAhead();

  /** A round that carries no pages, but what to discard already, before the VM is paused. */
  void discardAhead(int round);

  /** Tells the destination what to discard, on the first bulk connection; the VM is paused. */
  void sendDiscards();

  /** Starts to send what is stale, on the bulk connections, a moment from now. */
  void startBackground();

  /** Closes all connections at once; nothing more is claimed or heard on them. */
  void disconnect();

  /**
   * Connects again, to the address of that number, with connections of a new attempt.
   *
   * @param attempt higher than all before
   */
  void connect(int attempt, int address);

  /** The migration has ended: close the connections once what was sent is out. */
  void ended();
}
