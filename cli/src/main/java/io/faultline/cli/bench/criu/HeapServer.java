package io.faultline.cli.bench.criu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * A JVM to move: {@code HeapServer PORT OBJECTS} keeps that many arrays of 1,000 bytes, and serves
 * one client after the other. {@code PING} touches no array; {@code CHECK} reads all of them.
 */
public final class HeapServer {
  private static final int OBJECT_BYTES = 1000;

  private final Map<Integer, byte[]> objects = new HashMap<>();
  private final long checksum;

  private HeapServer(int count) {
    Random random = new Random(1);
    for (int i = 0; i < count; i++) {
      byte[] bytes = new byte[OBJECT_BYTES];
      random.nextBytes(bytes);
      objects.put(i, bytes);
    }
    checksum = checksum();
  }

  /** The program's start. */
  public static void main(String[] arguments) throws IOException {
    HeapServer server = new HeapServer(Integer.parseInt(arguments[1]));
    int port = Integer.parseInt(arguments[0]);
    try (ServerSocket listening = new ServerSocket(port, 8, InetAddress.getLoopbackAddress())) {
      System.out.println("READY " + port);
      while (true) {
        server.serve(listening);
      }
    }
  }

  private void serve(ServerSocket listening) throws IOException {
    try (Socket client = listening.accept();
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
        Writer out = new OutputStreamWriter(client.getOutputStream(), StandardCharsets.US_ASCII)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.write(answer(line) + "\n");
        out.flush();
      }
    }
  }

  private String answer(String request) {
    return switch (request) {
      case "PING" -> "OK";
      case "CHECK" -> checksum() == checksum ? "OK" : "BAD";
      default -> "BAD command " + request.toUpperCase(Locale.ROOT);
    };
  }

  private long checksum() {
    CRC32C crc = new CRC32C();
    for (int i = 0; i < objects.size(); i++) {
      crc.update(objects.get(i));
    }
    return crc.getValue();
  }
}
