package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is wrong on CRIU's socket or in the images ends the daemon with 1 and a line about it. */
class BadInputTest {
  /** Of the dumped process. */
  private static final int PID = 5000;

  @RegisterExtension private static final Labs LABS = new Labs();

  @Test
  void wrongMessagesOnTheSocketAreReported() throws Exception {
    DestinationHost destination = dumped();
    assertThat(outputAfter(destination, message(4).putInt(PID), 2)).contains("within a message");
    assertThat(outputAfter(destination, message(5).putInt(PID).put((byte) 0), 5))
        .contains(Integer.toString(PID), "descriptor");
    assertThat(outputAfter(destination, message(4).putInt(0), 4)).contains("process id 0");
    assertThat(outputAfter(destination, message(0), 0)).isNotEmpty();
  }

  @Test
  void wrongImagesAreReportedBeforeAnythingIsRestored() throws Exception {
    DestinationHost destination = dumped();
    Path tree = destination.images().resolve("pstree.img");
    try (FileChannel file = FileChannel.open(tree, StandardOpenOption.WRITE)) {
      assertThat(file.truncate(file.size() - 1).size()).isPositive();
    }
    assertThat(refusal(destination)).contains("pstree.img");
    Files.delete(tree);
    assertThat(refusal(destination)).contains("pstree.img");
    Files.writeString(destination.images().resolve("inventory.img"), "nothing");
    assertThat(refusal(destination)).contains("inventory.img");
  }

  private static DestinationHost dumped() throws IOException, InterruptedException {
    CriuLab lab = LABS.open();
    lab.source().start(Application.memoryServer(LABS.programs(), 1));
    lab.source().dump();
    lab.destination().copyImages(lab.source());
    return lab.destination();
  }

  /** What a daemon prints after a client has sent some bytes and closed its connection. */
  private static String outputAfter(DestinationHost destination, ByteBuffer message, int bytes)
      throws IOException, InterruptedException {
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon());
    Path socket = destination.work().resolve("lazy-pages.socket");
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(socket));
      assertThat(client.write(message.flip().limit(bytes))).isEqualTo(bytes);
    }
    assertThat(daemon.await(Labs.LIMIT)).as("exit code: %s", daemon.output()).isEqualTo(1);
    return withoutStackTrace(daemon.output());
  }

  private static String refusal(DestinationHost destination) {
    IOException failure =
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> destination.startLocalDaemon(LABS.ownDaemon()))
            .withMessageContaining("ended before it was ready")
            .actual();
    return withoutStackTrace(String.valueOf(failure.getMessage()));
  }

  private static String withoutStackTrace(String output) {
    assertThat(output).doesNotContain("Exception", "\tat ");
    return output;
  }

  private static ByteBuffer message(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
