package io.faultline.proto;

import com.google.protobuf.ByteString;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Creates and checks the first frame of each connection, and the answer to it. */
public final class Hellos {
  /** "FLTL". */
  public static final int MAGIC = 0x464c544c;

  /** The version of the wire protocol. */
  public static final int VERSION = 5;

  /** The length of a migration id in bytes. */
  public static final int MIGRATION_ID_BYTES = 16;

  /** The maximum number of bulk connections of a migration. */
  public static final int MAX_CHANNELS = 16;

  /** The attempt number of the first connections of a migration. */
  public static final int FIRST_ATTEMPT = 1;

  private static final int MAX_CAPABILITIES = 64;
  private static final int MAX_CAPABILITY_CHARS = 64;

  private Hellos() {}

  /** The hello of a source without optional capabilities and without a silence limit. */
  public static Frame hello(Role role, ByteString migrationId) {
    return hello(role, migrationId, Set.of(), FIRST_ATTEMPT, 0);
  }

  /**
   * The source's hello.
   *
   * @param capabilities those that the source has and is willing to use
   * @param attempt {@link #FIRST_ATTEMPT}, or higher after reconnecting
   * @param silenceMillis the silence after which the source treats the peer as gone; 0 for never
   */
  public static Frame hello(
      Role role,
      ByteString migrationId,
      Set<Capability> capabilities,
      int attempt,
      int silenceMillis) {
    return frame(role, migrationId, capabilities, attempt, silenceMillis, false);
  }

  /**
   * Adds to a hello the fields that a proof needs.
   *
   * @param nonce new random bytes
   * @param token whether the source has a token and requires the same of the destination
   */
  public static Frame withNonce(Frame hello, ByteString nonce, boolean token) {
    return Frame.newBuilder()
        .setHello(hello.getHello().toBuilder().setNonce(nonce).setToken(token))
        .build();
  }

  /**
   * Turns a hello into that of one of several bulk connections.
   *
   * @param channel the number of this connection, from 0; 0 on the control connection
   * @param channels the number of bulk connections, 1 to {@link #MAX_CHANNELS}
   */
  public static Frame ofChannel(Frame hello, int channel, int channels) {
    return Frame.newBuilder()
        .setHello(hello.getHello().toBuilder().setChannel(channel).setChannels(channels))
        .build();
  }

  /**
   * Adds to a hello that the processes are this side's: it has got RUN on an earlier connection.
   */
  public static Frame withOwner(Frame hello) {
    return Frame.newBuilder().setHello(hello.getHello().toBuilder().setOwner(true)).build();
  }

  /** The answer of a destination without optional capabilities and without a silence limit. */
  public static Frame answer(Hello hello) {
    return answer(hello, Set.of(), 0);
  }

  /** The destination's answer to a hello that it accepts; for the parameters see {@link #hello}. */
  public static Frame answer(Hello hello, Set<Capability> capabilities, int silenceMillis) {
    Frame answer =
        frame(
            hello.getRole(),
            hello.getMigrationId(),
            capabilities,
            hello.getAttempt(),
            silenceMillis,
            true);
    return ofChannel(answer, hello.getChannel(), hello.getChannels());
  }

  /** The capabilities in a checked hello, without those that this version does not know. */
  public static Set<Capability> capabilities(Hello hello) {
    Set<Capability> known = EnumSet.noneOf(Capability.class);
    for (Capability capability : Capability.values()) {
      if (hello.getCapabilitiesList().contains(capability.wireName())) {
        known.add(capability);
      }
    }
    return known;
  }

  /** The capabilities that both sides have. */
  public static Set<Capability> agreed(Set<Capability> one, Set<Capability> other) {
    Set<Capability> both = EnumSet.noneOf(Capability.class);
    both.addAll(one);
    both.retainAll(other);
    return both;
  }

  /** Checks a hello received by a destination, and returns it. */
  public static Hello checkHello(Frame frame) throws WireException {
    return check(frame, false);
  }

  /** Checks the answer that a source received to {@code sent}, and returns it. */
  public static Hello checkAnswer(Frame frame, Frame sent) throws WireException {
    if (frame.hasFailure()) {
      throw new RefusedException(printable(frame.getFailure().getMessage()));
    }
    Hello answer = check(frame, true);
    Hello hello = sent.getHello();
    if (answer.getRole() != hello.getRole()
        || answer.getAttempt() != hello.getAttempt()
        || answer.getChannel() != hello.getChannel()
        || answer.getChannels() != hello.getChannels()
        || !answer.getMigrationId().equals(hello.getMigrationId())) {
      throw new WireException("the peer answered another hello");
    }
    return answer;
  }

  /** Makes text from a peer safe to print: no control characters, at most 300 characters. */
  public static String printable(String text) {
    String clean = text.replaceAll("\\p{Cntrl}", " ");
    return clean.length() <= 300 ? clean : clean.substring(0, 300) + "...";
  }

  private static Frame frame(
      Role role,
      ByteString migrationId,
      Set<Capability> capabilities,
      int attempt,
      int silenceMillis,
      boolean answer) {
    List<String> names = capabilities.stream().map(Capability::wireName).sorted().toList();
    return Frame.newBuilder()
        .setHello(
            Hello.newBuilder()
                .setMagic(MAGIC)
                .setVersion(VERSION)
                .setRole(role)
                .setMigrationId(migrationId)
                .setAnswer(answer)
                .setAttempt(attempt)
                .setSilenceMillis(silenceMillis)
                .setChannels(1)
                .addAllCapabilities(names))
        .build();
  }

  private static Hello check(Frame frame, boolean answer) throws WireException {
    if (!frame.hasHello()) {
      throw new WireException("a " + frame.getBodyCase() + " frame instead of a hello");
    }
    Hello hello = frame.getHello();
    if (hello.getMagic() != MAGIC) {
      throw new WireException("a hello with the magic 0x" + Integer.toHexString(hello.getMagic()));
    }
    if (hello.getVersion() != VERSION) {
      throw new WireException(
          "the peer speaks version "
              + Integer.toUnsignedString(hello.getVersion())
              + " of the wire protocol, this node version "
              + VERSION);
    }
    if (hello.getAnswer() != answer) {
      throw new WireException("both sides are " + (answer ? "sources" : "destinations"));
    }
    Service service = Service.of(hello.getRole());
    if (service == null) {
      throw new WireException("a hello for the unknown role " + hello.getRoleValue());
    }
    if (hello.getMigrationId().size() != MIGRATION_ID_BYTES) {
      throw new WireException(
          "a migration id of " + hello.getMigrationId().size() + " bytes, not 16");
    }
    if (hello.getAttempt() < FIRST_ATTEMPT || hello.getSilenceMillis() < 0) {
      throw new WireException(
          "a hello of attempt "
              + Integer.toUnsignedString(hello.getAttempt())
              + " with a silence of "
              + Integer.toUnsignedString(hello.getSilenceMillis())
              + " ms");
    }
    checkChannel(hello, service.bulk());
    if (hello.getOwner()) {
      checkOwner(hello);
    }
    checkSecrets(hello);
    checkCapabilities(hello);
    return hello;
  }

  private static void checkChannel(Hello hello, Role bulk) throws WireException {
    int channels = hello.getChannels();
    if (channels < 1 || channels > MAX_CHANNELS) {
      throw new WireException(
          "a hello for "
              + Integer.toUnsignedString(channels)
              + " bulk connections; it must be 1 to "
              + MAX_CHANNELS);
    }
    int last = hello.getRole() == bulk ? channels - 1 : 0;
    if (hello.getChannel() < 0 || hello.getChannel() > last) {
      throw new WireException(
          "a hello of bulk connection number "
              + Integer.toUnsignedString(hello.getChannel())
              + "; the last is number "
              + last);
    }
  }

  /** RUN belongs to an earlier attempt, and to a restore of processes. */
  private static void checkOwner(Hello hello) throws WireException {
    if (hello.getAnswer()
        || hello.getRole() != Service.PROCESS_MEMORY.control()
        || hello.getAttempt() == FIRST_ATTEMPT) {
      throw new WireException(
          "a hello of attempt "
              + hello.getAttempt()
              + " for "
              + hello.getRole()
              + " that claims to own the processes");
    }
  }

  private static void checkSecrets(Hello hello) throws WireException {
    for (ByteString each : List.of(hello.getNonce(), hello.getProof(), hello.getSessionKey())) {
      if (!each.isEmpty() && each.size() != SharedKey.NONCE_BYTES) {
        throw new WireException("a hello with a secret of " + each.size() + " bytes");
      }
    }
  }

  private static void checkCapabilities(Hello hello) throws WireException {
    if (hello.getCapabilitiesCount() > MAX_CAPABILITIES) {
      throw new WireException("a hello with " + hello.getCapabilitiesCount() + " capabilities");
    }
    for (String capability : hello.getCapabilitiesList()) {
      if (capability.length() > MAX_CAPABILITY_CHARS) {
        throw new WireException(
            "a capability with a name of " + capability.length() + " characters");
      }
    }
  }
}
