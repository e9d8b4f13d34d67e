package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;

/**
 * A connection between its hello and the answer, while it moves to the loop of its role: a source
 * has nothing to say then, and what it says all the same must not reach the state machine from the
 * wrong thread.
 *
 * @param next hears of the end
 */
record LoopTransferHandler(FrameReceiver next) implements FrameReceiver {
  @Override
  public void control(Frame frame) throws WireException {
    throw new WireException("a " + frame.getBodyCase() + " frame before the hello was answered");
  }

  @Override
  public void closed(Throwable cause) {
    next.closed(cause);
  }
}
