package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Records all frames and page data. */
final class RecordingReceiver implements FrameReceiver {
  final List<String> events = new ArrayList<>();
  final List<Frame> frames = new ArrayList<>();
  final ByteArrayOutputStream data = new ByteArrayOutputStream();
  final List<Throwable> causes = new ArrayList<>();

  @Override
  public void control(Frame frame) {
    events.add("control " + frame.getBodyCase());
    frames.add(frame);
  }

  @Override
  public void request(int region, long page) {
    events.add("request " + region + " " + page);
  }

  @Override
  public void request(int region, long firstPage, int count) {
    events.add("request " + region + " " + firstPage + " count " + count);
  }

  @Override
  public void pages(
      int region, long firstPage, int count, Encoding encoding, long payloadBytes, int checksum) {
    events.add(
        "pages "
            + region
            + " "
            + firstPage
            + " "
            + count
            + " "
            + encoding
            + " "
            + payloadBytes
            + (checksum == 0 ? "" : " " + checksum));
  }

  @Override
  public void pageData(long address, int bytes) {
    MemorySegment piece = MemorySegment.ofAddress(address).reinterpret(bytes);
    data.writeBytes(piece.toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public void readComplete() {}

  @Override
  public void closed(Throwable cause) {
    causes.add(cause);
  }
}
