package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** What arrives on the control connection at the source. */
final class ControlReceiver implements FrameReceiver {
  private final MigrationSource source;

  /** When the first request of a read came, where somebody records; else 0. */
  private long arrivedNanos;

  ControlReceiver(MigrationSource source) {
    this.source = source;
  }

  @Override
  public void control(Frame frame) throws WireException {
    source.received(frame);
  }

  @Override
  public void request(int region, long page) throws WireException {
    if (arrivedNanos == 0) {
      arrivedNanos = AnswersSentEvent.now();
    }
    source.requested(region, page);
  }

  @Override
  public void readComplete() {
    long readyNanos = arrivedNanos == 0 ? 0 : AnswersSentEvent.now();
    source.sendAnswers();
    if (arrivedNanos != 0) {
      AnswersSentEvent.commit(arrivedNanos, readyNanos);
      arrivedNanos = 0;
    }
    source.followGuest();
  }

  @Override
  public void closed(Throwable cause) {
    source.failed(Transport.whyGone("the connection to the destination", cause));
  }
}
