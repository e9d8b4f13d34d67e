package io.faultline.source;

import io.faultline.proto.wire.Frame;

/** What the outgoing migration does to the world. Called by the control loop only. */
interface OutgoingLink {
  /** Sends on the control connection. */
  void send(Frame frame);

  /** Starts the background scan on the bulk connection. */
  void startBackground();

  /** The migration has ended: close the connections once what was sent is out. */
  void ended();
}
