package io.faultline.restore.frozen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Transport;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.proto.security.Security;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Proof;
import io.faultline.proto.wire.Role;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that breaks the rules: its connection ends with a reason, and the source goes on. */
class HostileClientTest {
  /** Longer than a loop takes to read what is there. */
  private static final long STILL_MILLIS = 200;

  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final Transport transport = new Transport();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private FrozenChild child;
  private FakeDump dump;
  private FrozenProcessSource source;
  private int attempts;
  private @Nullable SharedKey key;

  @BeforeEach
  void start() throws Exception {
    child = new FrozenChild(64, 1);
    dump = new FakeDump(32);
    FrozenSourceSettings settings =
        new FrozenSourceSettings(
            ANY_PORT,
            child.pid(),
            dump.address(),
            null,
            Security.LOOPBACK_ONLY,
            CompressionMode.NONE,
            Duration.ofSeconds(20),
            new PeerTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(30)));
    source = FrozenProcessSource.start(transport, settings, lines::add);
    await().until(() -> source.progress().join().phase() == SourcePhase.SERVING);
  }

  @AfterEach
  void stop() throws Exception {
    if (source != null) {
      assertThat(source.progress().join().phase()).isEqualTo(SourcePhase.SERVING);
      source.release("the test ends");
      source.release("the test ends"); // the clients do not say that they have no processes
      assertThat(dump.awaitEnd()).isEqualTo(FakeDump.End.RESET);
    }
    transport.close();
    if (dump != null) {
      dump.close();
    }
    if (child != null) {
      child.close();
    }
  }

  @Test
  void requestsOutOfRangeEndTheConnectionWithAReason() throws Exception {
    refused(request(1, 5, 1), "a request for process number 1; there are 1");
    refused(request(0, 5, 1025), "a request for 1025 pages");
    refused(request(0, 5, Integer.MAX_VALUE), "a request for 2147483647 pages");
    refused(request(0, -1, 1), "a request for the page 0xffffffffffffffff");
    refused(request(0, 1L << 44, 1), "a request for the page 0x100000000000");
    refused(request(0, 5, 0), "an unexpected page request");
  }

  @Test
  void framesOutOfPlaceEndTheConnectionWithAReason() throws Exception {
    ByteBuf run = Unpooled.buffer();
    FrameWriter.pages(run, 0, 0, 1, Encoding.ENCODING_ZERO, 0);
    refused(ByteBufUtil.getBytes(run), "an unexpected run of pages");
    refused(frame(Hellos.hello(Role.ROLE_MEMORY, id(1))), "a HELLO from a destination");
  }

  @Test
  void unmappedPagesAreAnsweredAsSuchHoweverManyAreAskedFor() throws Exception {
    try (Socket socket = connect(7, 1, Role.ROLE_MEMORY)) {
      for (int i = 0; i < 10; i++) {
        socket.getOutputStream().write(request(0, 16, 1000));
      }
      Thread.ofVirtual().start(() -> drain(socket));
      await().until(() -> source.progress().join().absentPages() >= 10_000);
      assertThat(source.progress().join().absentPages()).isEqualTo(10_000);
    }
  }

  /** Answers of 64 MiB, none of which is read: the source must stop to read requests. */
  @Test
  void aClientThatDoesNotReadItsAnswersIsNotServedFurther() throws Exception {
    Thread writer;
    try (Socket socket = connect(8, 1, Role.ROLE_MEMORY)) {
      byte[] request = request(0, child.address() / 4096, 64);
      byte[] many = new byte[request.length * 256];
      for (int i = 0; i < 256; i++) {
        System.arraycopy(request, 0, many, i * request.length, request.length);
      }
      writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 200; i++) {
                        socket.getOutputStream().write(many);
                      }
                    } catch (IOException e) {
                      // closed at the end of the test
                    }
                  });
      await().until(this::hasStoppedReading);
      FrozenSourceReport report = source.progress().join();
      assertThat(report.bytesSent()).isLessThan(32L << 20);
      assertThat(report.requests()).isLessThan(51_200);
    }
    writer.join();
  }

  /** Whether requests have been read, and none for a while. */
  private boolean hasStoppedReading() throws InterruptedException {
    long before = source.progress().join().requests();
    Thread.sleep(STILL_MILLIS);
    return before > 0 && source.progress().join().requests() == before;
  }

  @Test
  void anyBytesAfterTheHandshakeLeaveTheSourceServing() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("anyBytesAfterTheHandshakeLeaveTheSourceServing seed " + seed);
    Random random = new Random(seed);
    for (int round = 1; round <= 60; round++) {
      try (Socket socket = connect(9, round, Role.ROLE_MEMORY)) {
        byte[] bytes = valid(random);
        for (int i = 0; i < bytes.length; i++) {
          if (random.nextInt(16) == 0) {
            bytes[i] = (byte) random.nextInt();
          }
        }
        socket.getOutputStream().write(bytes);
        socket.shutdownOutput();
        drain(socket);
      }
      assertThat(source.progress().join().phase()).isEqualTo(SourcePhase.SERVING);
    }
  }

  /** A request of which one bit is wrong is the header of a frame that ends the processes. */
  @Test
  void framesWithoutAChecksumAreRefused() throws Exception {
    byte[] request = request(0, 5, 1);
    request[1] ^= 0x10;
    assertThat(Frame.parseDelimitedFrom(new ByteArrayInputStream(request)).hasCompleted()).isTrue();
    refused(request, "a frame was damaged in transit: it has no checksum");
  }

  private byte[] valid(Random random) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < 1 + random.nextInt(40); i++) {
      FrameWriter.request(
          out, 0, child.address() / 4096 + random.nextInt(64), 1 + random.nextInt(64));
    }
    return ByteBufUtil.getBytes(out);
  }

  @Test
  void aMigrationsSourceIsToldThatThisIsAPageSource() throws Exception {
    try (Socket socket = new Socket(source.address().getAddress(), source.address().getPort())) {
      socket.getOutputStream().write(frame(Hellos.hello(Role.ROLE_CONTROL, id(1))));
      assertThat(failure(socket)).contains("this is a page source and not a destination");
    }
  }

  @Test
  void anotherVersionIsRefused() throws Exception {
    try (Socket socket = new Socket(source.address().getAddress(), source.address().getPort())) {
      Hello hello = Hellos.hello(Role.ROLE_MEMORY, id(1)).getHello();
      Frame other = Frame.newBuilder().setHello(hello.toBuilder().setVersion(6)).build();
      socket.getOutputStream().write(frame(other));
      assertThat(failure(socket)).contains("version 6 of the wire protocol, this node version 5");
    }
  }

  @Test
  void bulkConnectionsNeedTheirControlConnection() throws Exception {
    try (Socket socket = new Socket(source.address().getAddress(), source.address().getPort())) {
      Frame hello =
          Hellos.withNonce(Hellos.hello(Role.ROLE_MEMORY_BULK, id(3)), SharedKey.nonce(), false);
      socket.getOutputStream().write(frame(hello));
      assertThat(failure(socket)).contains("a bulk connection without a control connection");
    }
  }

  private void refused(byte[] bytes, String reason) throws Exception {
    attempts++;
    try (Socket socket = connect(5, attempts, Role.ROLE_MEMORY)) {
      socket.getOutputStream().write(bytes);
      assertThat(failure(socket)).contains(reason);
    }
  }

  /** Connects and is accepted; later attempts prove the session key of the first answer. */
  private Socket connect(int id, int attempt, Role role) throws Exception {
    Socket socket = new Socket(source.address().getAddress(), source.address().getPort());
    Frame plain = Hellos.hello(role, id(id), Set.of(), attempt, 0);
    Hello hello = Hellos.withNonce(plain, SharedKey.nonce(), false).getHello();
    socket.getOutputStream().write(frame(Frame.newBuilder().setHello(hello).build()));
    Frame answer = next(socket.getInputStream());
    if (answer.hasChallenge()) {
      ByteString proof =
          Objects.requireNonNull(key)
              .proof(
                  SharedKey.Party.SOURCE,
                  hello,
                  hello.getNonce(),
                  answer.getChallenge().getNonce());
      socket
          .getOutputStream()
          .write(frame(Frame.newBuilder().setProof(Proof.newBuilder().setHmac(proof)).build()));
      answer = next(socket.getInputStream());
    }
    assertThat(answer.hasHello()).as("%s", answer).isTrue();
    if (!answer.getHello().getSessionKey().isEmpty()) {
      key = SharedKey.ofWire(answer.getHello().getSessionKey());
    }
    assertThat(next(socket.getInputStream()).getProcessMemory().getProcesses(0).getPid())
        .isEqualTo(child.pid());
    return socket;
  }

  private static String failure(Socket socket) throws IOException {
    for (Frame each = next(socket.getInputStream());
        each != null;
        each = next(socket.getInputStream())) {
      if (each.hasFailure()) {
        return each.getFailure().getMessage();
      }
    }
    return "closed without a reason";
  }

  private static Frame next(InputStream in) throws IOException {
    return Frame.parseDelimitedFrom(in);
  }

  private static void drain(Socket socket) {
    try {
      socket.getInputStream().skip(Long.MAX_VALUE);
    } catch (IOException e) {
      // reset
    }
  }

  private static byte[] request(int region, long page, int count) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.request(out, region, page, count);
    return ByteBufUtil.getBytes(out);
  }

  private static byte[] frame(Frame frame) {
    ByteBuf bytes = FrameWriter.frame(UnpooledByteBufAllocator.DEFAULT, frame);
    try {
      return ByteBufUtil.getBytes(bytes);
    } finally {
      bytes.release();
    }
  }

  private static ByteString id(int number) {
    byte[] id = new byte[Hellos.MIGRATION_ID_BYTES];
    id[0] = (byte) number;
    return ByteString.copyFrom(id);
  }
}
