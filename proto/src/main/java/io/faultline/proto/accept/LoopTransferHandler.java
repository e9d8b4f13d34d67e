package io.faultline.proto.accept;

import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.Channel;

/**
 * Receives the frames of an accepted connection while it moves to another event loop. A source must
 * wait for the answer to its hello, so any frame is refused here: it would reach the state machine
 * from the wrong thread.
 *
 * @param next is notified if the connection ends
 */
record LoopTransferHandler(FrameReceiver next) implements FrameReceiver {
  /** Moves a connection to its loop. */
  static void move(Channel channel, FrameDecoder decoder, Admission to) {
    decoder.handOver(new LoopTransferHandler(to.receiver()));
    channel
        .deregister()
        .addListener(
            deregistered ->
                to.loop()
                    .register(channel)
                    .addListener(
                        registered -> {
                          if (registered.isSuccess()) {
                            decoder.handOver(to.receiver());
                            to.arrived().accept(channel);
                          } else {
                            to.failed().accept(registered.cause());
                          }
                        }));
  }

  @Override
  public void control(Frame frame) throws WireException {
    throw new WireException("a " + frame.getBodyCase() + " frame before the hello was answered");
  }

  @Override
  public void closed(Throwable cause) {
    next.closed(cause);
  }
}
