package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.security.SharedKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** Records the calls in a list shared with others. Can fail as if the disk were full. */
final class RecordingOwnershipLog implements OwnershipLog {
  boolean full;

  /** Whether the release fails as if a class could not be loaded for want of descriptors. */
  boolean broken;

  private final List<String> calls;

  RecordingOwnershipLog(List<String> calls) {
    this.calls = calls;
  }

  @Override
  public void connected(SharedKey key) throws IOException {
    call("log: connected");
  }

  @Override
  public void destinationAdded(InetSocketAddress address) throws IOException {
    call("log: another address: port " + address.getPort());
  }

  @Override
  public void paused(ByteString deviceState) throws IOException {
    call("log: paused with " + deviceState.toStringUtf8());
  }

  @Override
  public void committed() throws IOException {
    call("log: committed");
  }

  @Override
  public void released() {
    calls.add("log: released"); // works on a full disk, too
    if (broken) {
      throw new NoClassDefFoundError("a part of the log");
    }
  }

  @Override
  public void completed() {
    calls.add("log: completed");
  }

  private void call(String what) throws IOException {
    if (full) {
      throw new IOException("no space left");
    }
    calls.add(what);
  }
}
