package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/**
 * Gets the frames of one connection, on its event loop, in order. Whatever a method throws closes
 * the connection and goes to {@link #closed}.
 */
public interface FrameReceiver {
  /** A frame that is neither of the two hot kinds. */
  void control(Frame frame) throws WireException;

  /** A request for a page; nothing in it has been checked. Refused, unless it is overridden. */
  default void request(int region, long page) throws WireException {
    throw new WireException("a page request, which is out of place here");
  }

  /**
   * Where the next bytes of the payload that is arriving belong, so that the socket is read
   * straight into that memory; 0 for anywhere. Called before a read, which may bring nothing; what
   * it brings comes to {@link #pageData} with this address. The memory from there on must be
   * writable for as much as is left of the payload, until the loop's task ends.
   */
  default long payloadPlace() {
    return 0;
  }

  /**
   * The header of a run of pages; nothing in it has been checked. Its payload follows in {@link
   * #pageData}, {@code payloadBytes} in all.
   *
   * @param count may be any number
   * @param payloadBytes not negative
   * @param checksum 0 where there is none; see {@link RunChecksum}
   * @throws WireException unless it is overridden, as runs of pages are refused
   */
  default void pages(
      int region, long firstPage, int count, Encoding encoding, long payloadBytes, int checksum)
      throws WireException {
    throw new WireException("a run of pages, which is out of place here");
  }

  /**
   * A piece of the last run's payload.
   *
   * @param address native, valid during the call
   * @param bytes at least 1
   */
  default void pageData(long address, int bytes) throws WireException {
    throw new IllegalStateException("page data behind a header that was refused");
  }

  /** All that had arrived has been given. */
  default void readComplete() {}

  /** More can be written again, or not. */
  default void writabilityChanged() {}

  /**
   * The connection is closed; nothing follows.
   *
   * @param cause why, for a person: "closed by the peer", or what was wrong
   */
  void closed(Throwable cause);
}
