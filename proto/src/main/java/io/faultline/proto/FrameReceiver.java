package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;

/**
 * Receives the frames of one connection in order, on its event loop. An exception from any method
 * closes the connection and is passed to {@link #closed}.
 */
public interface FrameReceiver {
  /** A frame other than the two hot kinds, a request and a run of pages. */
  void control(Frame frame) throws WireException;

  /** A page request, unchecked. The default refuses it. */
  default void request(int region, long page) throws WireException {
    throw new WireException("an unexpected page request");
  }

  /**
   * A request for pages of a frozen process, unchecked. The default refuses it.
   *
   * @param count not 0, may be any other number
   */
  default void request(int region, long firstPage, int count) throws WireException {
    throw new WireException("a request for " + count + " pages, where each names one page");
  }

  /**
   * The target address of the next payload bytes, so that they are read directly from the socket
   * into that memory; 0 for any buffer. Called before a read, which may return nothing; bytes that
   * it returns are passed to {@link #pageData} with this address. From there on the memory must be
   * writable for the rest of the payload, until the loop's task ends.
   */
  default long payloadPlace() {
    return 0;
  }

  /**
   * The header of a run of pages, unchecked. Its payload follows in {@link #pageData}, {@code
   * payloadBytes} in total. The default refuses it.
   *
   * @param count may be any number
   * @param payloadBytes not negative
   * @param checksum see {@link RunChecksum}; 0 for none
   */
  default void pages(
      int region, long firstPage, int count, Encoding encoding, long payloadBytes, int checksum)
      throws WireException {
    throw new WireException("an unexpected run of pages");
  }

  /**
   * A piece of the last run's payload.
   *
   * @param address native, valid during the call
   * @param bytes at least 1
   */
  default void pageData(long address, int bytes) throws WireException {
    throw new IllegalStateException("page data after a refused header");
  }

  /**
   * The address returned by {@link #payloadPlace} cannot be written (EFAULT). No byte was read. The
   * next call must return another one, or 0.
   */
  default void placeRefused() {
    throw new IllegalStateException("payload without a place");
  }

  /**
   * Whether the connection must pause. Called after each frame, and after each piece of payload. If
   * true, nothing is read or passed until {@code resume} is run, on the loop. If the connection
   * ends meanwhile, that may be reported after the pause only.
   *
   * @param resume the same object in each call
   */
  default boolean pauses(Runnable resume) {
    return false;
  }

  /** All bytes that have arrived so far have been passed. */
  default void readComplete() {}

  /** The channel has become writable, or no longer is. */
  default void writabilityChanged() {}

  /**
   * The connection is closed; nothing follows.
   *
   * @param cause the reason, with a message for the user
   */
  void closed(Throwable cause);
}
