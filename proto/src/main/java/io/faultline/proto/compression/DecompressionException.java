package io.faultline.proto.compression;

/** Data that cannot be decompressed, or not to the expected length. The message says which. */
public final class DecompressionException extends Exception {
  private static final long serialVersionUID = 1L;

  DecompressionException(String message) {
    super(message);
  }

  DecompressionException(String message, Throwable cause) {
    super(message, cause);
  }
}
