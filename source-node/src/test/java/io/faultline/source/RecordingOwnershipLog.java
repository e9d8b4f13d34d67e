package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.security.SharedKey;
import java.io.IOException;
import java.util.List;

/** Writes down what it is told, beside what else happens; may be out of room. */
final class RecordingOwnershipLog implements OwnershipLog {
  boolean full;
  private final List<String> calls;

  RecordingOwnershipLog(List<String> calls) {
    this.calls = calls;
  }

  @Override
  public void connected(SharedKey key) throws IOException {
    call("ledger: connected");
  }

  @Override
  public void paused(ByteString deviceState) throws IOException {
    call("ledger: paused with " + deviceState.toStringUtf8());
  }

  @Override
  public void committed() throws IOException {
    call("ledger: committed");
  }

  @Override
  public void released() {
    calls.add("ledger: released"); // takes no room
  }

  @Override
  public void completed() {
    calls.add("ledger: completed");
  }

  private void call(String what) throws IOException {
    if (full) {
      throw new IOException("no space left");
    }
    calls.add(what);
  }
}
