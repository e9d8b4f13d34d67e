package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** What arrives on the control connection at the source. */
final class ControlReceiver implements FrameReceiver {
  private final MigrationSource source;
  private final OutgoingSession session;

  /** When the first request of a read came, where somebody records; else 0. */
  private long arrivedNanos;

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
    if (arrivedNanos == 0) {
      arrivedNanos = AnswersSentEvent.now();
    }
    source.requested(session, region, page);
  }

  @Override
  public void readComplete() {
    long readyNanos = arrivedNanos == 0 ? 0 : AnswersSentEvent.now();
    session.flushAnswers();
    if (arrivedNanos != 0) {
      AnswersSentEvent.commit(arrivedNanos, readyNanos);
      arrivedNanos = 0;
    }
    source.readComplete(session);
  }

  @Override
  public void closed(Throwable cause) {
    source.gone(session, "the connection to the destination", cause);
  }
}
