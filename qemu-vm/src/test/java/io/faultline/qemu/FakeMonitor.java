package io.faultline.qemu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A monitor without a QEMU, for what no QEMU here can be made to answer. One client at a time. */
public final class FakeMonitor implements AutoCloseable {
  private static final String GREETING =
      "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 2, \"major\": 7}}}}\n";

  private final ServerSocketChannel server;
  private final Function<JsonNode, String> answers;

  /**
   * @param answers returns the result of a command as JSON; an exception closes the connection
   */
  public FakeMonitor(Path socket, Function<JsonNode, String> answers) throws IOException {
    this.answers = answers;
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofPlatform().daemon().start(this::serve);
  }

  private void serve() {
    try {
      while (server.isOpen()) {
        try (SocketChannel peer = server.accept()) {
          serve(peer);
        } catch (UncheckedIOException e) {
          // the next client
        }
      }
    } catch (IOException e) {
      // the test has ended
    }
  }

  private void serve(SocketChannel peer) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(peer), StandardCharsets.UTF_8))) {
      send(peer, GREETING);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode command = JsonMapper.shared().readTree(line);
        send(
            peer,
            "{\"return\": " + answers.apply(command) + ", \"id\": " + command.get("id") + "}\n");
      }
    }
  }

  private static void send(SocketChannel peer, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      peer.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
