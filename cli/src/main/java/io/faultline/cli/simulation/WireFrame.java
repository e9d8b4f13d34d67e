package io.faultline.cli.simulation;

import com.google.protobuf.CodedOutputStream;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.PageRun;
import io.faultline.proto.wire.PageSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/** One frame on the wire. What it returns is its own: nobody writes to it. */
final class WireFrame {
  private final Frame frame;
  private final byte[] bytes;
  private final int payloadBytes;

  /**
   * @param bytes all of it
   * @param payloadBytes of them at the end
   */
  WireFrame(Frame frame, byte[] bytes, int payloadBytes) {
    this.frame = frame;
    this.bytes = bytes;
    this.payloadBytes = payloadBytes;
  }

  Frame frame() {
    return frame;
  }

  byte[] bytes() {
    return bytes;
  }

  int payloadBytes() {
    return payloadBytes;
  }

  /** A frame without payload, as bytes. */
  static WireFrame of(Frame frame) {
    return of(frame, new byte[0]);
  }

  /** A frame and its payload, as bytes. */
  static WireFrame of(Frame frame, byte[] payload) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      CodedOutputStream header = CodedOutputStream.newInstance(out);
      header.writeUInt32NoTag(frame.getSerializedSize());
      frame.writeTo(header);
      header.flush();
      out.write(payload);
      return new WireFrame(frame, out.toByteArray(), payload.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What its checksums vouch for. */
  enum Part {
    /** The data of pages. */
    PAGES,
    /** The header of a frame that is neither a request nor a run of pages. */
    CONTROL
  }

  boolean has(Part part) {
    return switch (part) {
      case PAGES -> payloadBytes > 0;
      case CONTROL -> !frame.hasRequest() && !frame.hasPages();
    };
  }

  /** The index of the first byte of a part that it has. */
  int start(Part part) {
    if (part == Part.PAGES) {
      return bytes.length - payloadBytes;
    }
    int start = 0;
    while (bytes[start] < 0) { // the length of the header goes on
      start++;
    }
    return start + 1;
  }

  /** The index behind the last byte of a part that it has. */
  int end(Part part) {
    return part == Part.PAGES ? bytes.length : bytes.length - payloadBytes;
  }

  Frame.BodyCase kind() {
    return frame.getBodyCase();
  }

  /** For a person. */
  String describe() {
    return switch (kind()) {
      case HELLO -> describe(frame.getHello());
      case PAGES -> describe(frame.getPages());
      case REQUEST -> "REQUEST page " + frame.getRequest().getPage();
      case RECOVERY -> "RECOVERY " + frame.getRecovery().getPhase();
      case RECEIVED -> "RECEIVED " + describe(frame.getReceived());
      case STALE -> "STALE " + describe(frame.getStale());
      case DISCARD -> "DISCARD " + describe(frame.getDiscard());
      case STREAM_END -> "STREAM_END behind " + frame.getStreamEnd().getPages() + " pages";
      case ROUND_END -> "ROUND_END " + frame.getRoundEnd().getRound();
      case FAILURE ->
          (frame.getFailure().getRecoverable() ? "FAILURE, recoverable: " : "FAILURE: ")
              + frame.getFailure().getMessage();
      default -> kind().toString();
    };
  }

  private static String describe(Hello hello) {
    return "HELLO "
        + (hello.getAnswer() ? "answer " : "")
        + hello.getRole().toString().substring(5).toLowerCase(Locale.ROOT)
        + (hello.getChannels() > 1 ? " " + hello.getChannel() + " of " + hello.getChannels() : "")
        + ", attempt "
        + hello.getAttempt();
  }

  private static String describe(PageRun run) {
    return "PAGES region "
        + run.getRegion()
        + ", "
        + run.getFirstPage()
        + " to "
        + (run.getFirstPage() + run.getCount() - 1)
        + " "
        + run.getEncoding().toString().substring(9).toLowerCase(Locale.ROOT);
  }

  private static String describe(PageSet set) {
    return "region "
        + set.getRegion()
        + " from "
        + set.getFirstPage()
        + " "
        + set.getRunsList()
        + (set.getLast() ? ", last" : "");
  }
}
