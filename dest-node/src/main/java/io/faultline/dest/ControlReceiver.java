package io.faultline.dest;

import io.faultline.proto.FrameReceiver;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import org.jspecify.annotations.Nullable;

/** Receives the frames of the control connection: control frames and urgent pages. */
final class ControlReceiver implements FrameReceiver {
  private final IncomingController controller;
  private final IncomingSession session;

  // While the JFR event is recorded: the run that is arriving, since when, and how much is missing.
  private int region;
  private long firstPage;
  private long bytes;
  private long arrivedNanos;
  private long bytesLeft;

  /** The stream that the last run went to. */
  private @Nullable PageStream stream;

  ControlReceiver(IncomingController controller, IncomingSession session) {
    this.controller = controller;
    this.session = session;
  }

  @Override
  public void control(Frame frame) throws WireException {
    if (!session.hasPeerMisbehaved()) {
      controller.received(session, frame);
    }
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payload, int checksum)
      throws WireException {
    PageStream urgent = controller.urgentStream(session);
    if (urgent == null) {
      requireLateAnswer(encoding);
      return;
    }
    stream = urgent;
    begin(region, firstPage, payload);
    urgent.run(region, firstPage, count, encoding, payload, checksum);
    placed(0);
  }

  @Override
  public long payloadPlace() {
    PageStream urgent = stream;
    return urgent == null || session.isClosed() ? 0 : urgent.payloadAddress();
  }

  @Override
  public void pageData(long address, int bytes) throws WireException {
    PageStream urgent = controller.urgentStream(session);
    if (urgent == null) {
      throw new WireException("page data after the last page");
    }
    urgent.data(address, bytes);
    placed(bytes);
  }

  @Override
  public void placeRefused() {
    if (stream != null) {
      stream.addressRefused();
    }
  }

  /** Its heartbeats wait too: {@link IncomingTicker} does not count that as silence. */
  @Override
  public boolean pauses(Runnable resume) {
    PageStream urgent = stream;
    return urgent != null && !session.isClosed() && urgent.pauses(resume);
  }

  /**
   * All pages have arrived: a request that was still on its way can only be answered with
   * "current".
   */
  private static void requireLateAnswer(Encoding encoding) throws WireException {
    if (encoding != Encoding.ENCODING_CURRENT) {
      throw new WireException("pages after the last page");
    }
  }

  private void begin(int itsRegion, long itsFirstPage, long payload) {
    arrivedNanos = UrgentPagesPlacedEvent.now();
    region = itsRegion;
    firstPage = itsFirstPage;
    bytes = payload;
    bytesLeft = payload;
  }

  private void placed(int more) {
    bytesLeft -= more;
    if (arrivedNanos != 0 && bytesLeft == 0) {
      UrgentPagesPlacedEvent.commit(region, firstPage, bytes, arrivedNanos);
      arrivedNanos = 0;
    }
  }

  @Override
  public void readComplete() {
    controller.heard(session);
  }

  @Override
  public void writabilityChanged() {
    session.writabilityChanged();
  }

  @Override
  public void closed(Throwable cause) {
    controller.connectionLost(session, true, cause);
  }
}
