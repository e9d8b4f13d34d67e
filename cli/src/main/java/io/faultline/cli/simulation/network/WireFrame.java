package io.faultline.cli.simulation.network;

import com.google.protobuf.CodedOutputStream;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.PageRun;
import io.faultline.proto.wire.PageSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.CRC32C;

/** A frame as it is on the wire. Callers must not modify the bytes. */
public final class WireFrame {
  private final Frame frame;
  private final byte[] bytes;
  private final int payloadBytes;

  /**
   * @param bytes header and payload
   * @param payloadBytes how many bytes at the end are payload
   */
  WireFrame(Frame frame, byte[] bytes, int payloadBytes) {
    this.frame = frame;
    this.bytes = bytes;
    this.payloadBytes = payloadBytes;
  }

  public Frame frame() {
    return frame;
  }

  byte[] bytes() {
    return bytes;
  }

  public int payloadBytes() {
    return payloadBytes;
  }

  /** Encodes a frame without payload as a node would, with the checksum of its header. */
  public static WireFrame of(Frame frame) {
    Frame body = frame.toBuilder().clearChecksum().build(); // that of a changed frame is wrong
    CRC32C crc = new CRC32C();
    crc.update(body.toByteArray());
    return of(body.toBuilder().setChecksum((int) crc.getValue()).build(), new byte[0]);
  }

  /** Encodes a frame with payload. */
  public static WireFrame of(Frame frame, byte[] payload) {
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

  /** The parts of a frame that checksums cover. */
  public enum Part {
    /** Page data. */
    PAGES,
    /** The header of a frame other than a request or a run of pages. */
    CONTROL
  }

  boolean has(Part part) {
    return switch (part) {
      case PAGES -> payloadBytes > 0;
      case CONTROL -> !frame.hasRequest() && !frame.hasPages();
    };
  }

  /** Index of the first byte of a part that the frame has. */
  int start(Part part) {
    if (part == Part.PAGES) {
      return bytes.length - payloadBytes;
    }
    int start = 0;
    while (bytes[start] < 0) { // a continuation byte of the varint length
      start++;
    }
    return start + 1;
  }

  /** Index after the last byte of a part that the frame has. */
  int end(Part part) {
    return part == Part.PAGES ? bytes.length : bytes.length - payloadBytes;
  }

  public Frame.BodyCase kind() {
    return frame.getBodyCase();
  }

  /** Human-readable, for the trace. */
  String describe() {
    return switch (kind()) {
      case HELLO -> describe(frame.getHello());
      case PAGES -> describe(frame.getPages());
      case REQUEST -> "REQUEST page " + frame.getRequest().getPage();
      case RECOVERY -> "RECOVERY " + frame.getRecovery().getPhase();
      case RECEIVED -> "RECEIVED " + describe(frame.getReceived());
      case STALE -> "STALE " + describe(frame.getStale());
      case DISCARD -> "DISCARD " + describe(frame.getDiscard());
      case STREAM_END -> "STREAM_END after " + frame.getStreamEnd().getPages() + " pages";
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
