package io.faultline.source;

import io.faultline.proto.wire.Frame;

/** The effects of the outgoing migration on the network. Called by the control loop only. */
interface OutgoingLink {
  /** Sends a frame on the control connection. */
  void send(Frame frame);

  /** Whether the destination takes the device state in parts. */
  boolean canSendStateParts();

  /** Sends RUN, followed by the pages that the VM needs first. */
  void sendRun();

  /** Starts to send the dirty pages on the bulk connections. */
  void startRound(int round);

  /** Ends the current round early. */
  void cutRound();

  /** Whether the destination supports {@link #discardAhead}. */
  boolean canDiscardAhead();

  /**
   * Sends a round without pages: the pages that the destination can discard now, before the VM is
   * paused.
   */
  void discardAhead(int round);

  /** Sends the pages to discard on the first bulk connection, while the VM is paused. */
  void sendDiscards();

  /** Starts to send the stale pages on the bulk connections, after a short delay. */
  void startBackgroundScan();

  /**
   * The destination has no memory for the next page, and reads no pages until it has; or it has
   * memory again.
   */
  void memoryShort(boolean isShort);

  /** Closes all connections immediately. Pages are no longer claimed and frames no longer read. */
  void disconnect();

  /**
   * Reconnects, as a new attempt.
   *
   * @param attempt higher than all earlier ones
   * @param address the index of the address
   */
  void connect(int attempt, int address);

  /** The migration has ended: closes the connections once everything is sent. */
  void ended();
}
