package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** Receives the frames and events of the control connection. Confined to the control loop. */
final class ControlReceiver implements FrameReceiver {
  private final OutgoingController controller;
  private final OutgoingSession session;

  /** When the first request of the current read arrived, if that is recorded; otherwise 0. */
  private long arrivedNanos;

  ControlReceiver(OutgoingController controller, OutgoingSession session) {
    this.controller = controller;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    controller.received(session, frame);
  }

  @Override
  public void request(int region, long page) throws WireException {
    if (arrivedNanos == 0) {
      arrivedNanos = AnswersSentEvent.now();
    }
    controller.requested(session, region, page);
  }

  @Override
  public void readComplete() {
    long readyNanos = arrivedNanos == 0 ? 0 : AnswersSentEvent.now();
    session.flushAnswers();
    if (arrivedNanos != 0) {
      AnswersSentEvent.commit(arrivedNanos, readyNanos);
      arrivedNanos = 0;
    }
    controller.readComplete(session);
  }

  @Override
  public void closed(Throwable cause) {
    controller.closed(session, "the connection to the destination", cause);
  }
}
