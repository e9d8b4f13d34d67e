package io.faultline.dest;

import io.faultline.proto.WireException;

/** A run of pages whose checksum is wrong: it was damaged in transit. None of it was placed. */
final class DamagedPagesException extends WireException {
  private static final long serialVersionUID = 1;

  DamagedPagesException(String message) {
    super(message);
  }
}
