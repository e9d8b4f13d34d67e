package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/**
 * Receives the frames of one bulk connection: precopy rounds, the discard set, the stale set, the
 * background stream. Page sets arrive on the first bulk connection only. Confined to the bulk loop.
 */
final class BulkReceiver implements FrameReceiver {
  private final IncomingController controller;
  private final IncomingSession session;
  private final int channel;

  /**
   * @param channel its number among the bulk connections
   */
  BulkReceiver(IncomingController controller, IncomingSession session, int channel) {
    this.controller = controller;
    this.session = session;
    this.channel = channel;
  }

  @Override
  public void control(Frame frame) throws WireException {
    BulkChannelsReceiver receiver = session.receiver();
    switch (frame.getBodyCase()) {
      case ROUND_END -> receiver.roundEnded(channel, frame.getRoundEnd());
      case DISCARD -> {
        requireFirst(frame);
        receiver.discard(frame.getDiscard());
      }
      case STALE -> {
        requireFirst(frame);
        receiver.stale(frame.getStale());
      }
      case STREAM_END -> receiver.ended(channel, frame.getStreamEnd().getPages());
      default -> throw new WireException("a " + frame.getBodyCase() + " on a bulk connection");
    }
  }

  private void requireFirst(Frame frame) throws WireException {
    if (channel != 0) {
      throw new WireException(
          "a " + frame.getBodyCase() + " on bulk connection number " + channel + ", not the first");
    }
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payload, int checksum)
      throws WireException {
    if (encoding == Encoding.ENCODING_CURRENT) { // valid only as an answer to a request
      throw new WireException(
          count + " pages from " + firstPage + " marked as current on a bulk connection");
    }
    session.receiver().stream(channel).run(region, firstPage, count, encoding, payload, checksum);
  }

  @Override
  public long payloadPlace() {
    return session.payloadPlace(channel);
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    session.receiver().stream(channel).data(address, bytes);
  }

  @Override
  public void placeRefused() {
    session.placeRefused(channel);
  }

  @Override
  public boolean pauses(Runnable resume) {
    return session.pauses(channel, resume);
  }

  @Override
  public void closed(Throwable cause) {
    controller.connectionLost(session, false, cause);
  }
}
