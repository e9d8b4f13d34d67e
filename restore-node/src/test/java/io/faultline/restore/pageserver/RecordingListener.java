package io.faultline.restore.pageserver;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Records what a server reports. */
final class RecordingListener implements PageServerListener {
  private final CompletableFuture<InetSocketAddress> address = new CompletableFuture<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @Override
  public void listening(InetSocketAddress at) {
    address.complete(at);
  }

  @Override
  public void sessionFailed(String message) {
    lines.add("failed " + message);
  }

  @Override
  public void served(InetSocketAddress client, long pages) {
    lines.add("served " + pages);
  }

  InetSocketAddress address() {
    return address.join();
  }

  List<String> lines() {
    return lines;
  }
}
