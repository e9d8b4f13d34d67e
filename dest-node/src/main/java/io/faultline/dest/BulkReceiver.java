package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/**
 * What arrives on the bulk connection at the destination: precopy rounds, what to discard, what is
 * stale, the background stream.
 */
final class BulkReceiver implements FrameReceiver {
  private final MigrationDestination destination;
  private final IncomingSession session;

  BulkReceiver(MigrationDestination destination, IncomingSession session) {
    this.destination = destination;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    BulkIntake intake = session.intake();
    switch (frame.getBodyCase()) {
      case ROUND_END -> intake.roundEnded(frame.getRoundEnd());
      case DISCARD -> intake.discard(frame.getDiscard());
      case STALE -> intake.stale(frame.getStale());
      case STREAM_END -> intake.ended(frame.getStreamEnd().getPages());
      default -> throw new WireException("a " + frame.getBodyCase() + " on the bulk connection");
    }
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payload, int checksum)
      throws WireException {
    if (encoding == Encoding.ENCODING_CURRENT) { // it is an answer, and nobody asked here
      throw new WireException(
          count + " pages from " + firstPage + " said to be current on the bulk connection");
    }
    session.intake().stream().run(region, firstPage, count, encoding, payload, checksum);
  }

  @Override
  public long payloadPlace() {
    return session.payloadPlace();
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    session.intake().stream().data(address, bytes);
  }

  @Override
  public void closed(Throwable cause) {
    destination.gone(session, false, cause);
  }
}
