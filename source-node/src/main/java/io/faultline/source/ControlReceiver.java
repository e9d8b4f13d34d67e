package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** What arrives on the control connection at the source. */
final class ControlReceiver implements FrameReceiver {
  private final MigrationSource source;
  private final OutgoingSession session;

  ControlReceiver(MigrationSource source, OutgoingSession session) {
    this.source = source;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    source.received(session, frame);
  }

  @Override
  public void request(int region, long page) throws WireException {
    source.requested(session, region, page);
  }

  @Override
  public void readComplete() {
    source.readComplete(session);
  }

  @Override
  public void closed(Throwable cause) {
    source.gone(session, "the connection to the destination", cause);
  }
}
