package io.faultline.source;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/** Receives the frames and events of the control connection. Confined to the control loop. */
final class ControlReceiver implements FrameReceiver {
  private final OutgoingDispatcher dispatcher;
  private final OutgoingSession session;

  /** When the first request of the current read arrived, if that is recorded; otherwise 0. */
  private long arrivedNanos;

  ControlReceiver(OutgoingDispatcher dispatcher, OutgoingSession session) {
    this.dispatcher = dispatcher;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    dispatcher.received(session, frame);
  }

  @Override
  public void request(int region, long page) throws WireException {
    if (arrivedNanos == 0) {
      arrivedNanos = AnswersSentEvent.now();
    }
    dispatcher.requested(session, region, page);
  }

  @Override
  public void readComplete() {
    long readyNanos = arrivedNanos == 0 ? 0 : AnswersSentEvent.now();
    session.flushAnswers();
    if (arrivedNanos != 0) {
      AnswersSentEvent.commit(arrivedNanos, readyNanos);
      arrivedNanos = 0;
    }
    dispatcher.readComplete(session);
  }

  @Override
  public void closed(Throwable cause) {
    dispatcher.closed(session, "the connection to the destination", cause);
  }
}
