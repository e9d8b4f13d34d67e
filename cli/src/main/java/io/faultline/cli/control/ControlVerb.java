package io.faultline.cli.control;

import io.faultline.cli.options.Bandwidth;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.wire.control.Cancel;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.Pause;
import io.faultline.proto.wire.control.Query;
import io.faultline.proto.wire.control.Resume;
import io.faultline.proto.wire.control.SetBandwidth;
import io.faultline.proto.wire.control.SetDestination;
import io.faultline.proto.wire.control.SwitchOver;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the user wants from a node. */
enum ControlVerb {
  BANDWIDTH("bandwidth", "RATE"),
  SWITCH_OVER("switch-over", ""),
  CANCEL("cancel", ""),
  PAUSE("pause", ""),
  RESUME("resume", ""),
  TO("to", "HOST:PORT"),
  QUERY("query", ""),
  WATCH("watch", "");

  private final String word;
  private final String value;

  ControlVerb(String word, String value) {
    this.word = word;
    this.value = value;
  }

  /**
   * A verb with its arguments.
   *
   * @param id the first digits of a migration; null for the only one
   * @param value of the verb; empty if it has none
   */
  record Parsed(@Nullable String id, ControlVerb verb, String value) {}

  /**
   * Parses {@code [ID] VERB [VALUE]}.
   *
   * @throws UsageException if they are something else
   */
  static Parsed parse(List<String> words) {
    boolean hasId = !words.isEmpty() && find(words.getFirst()).isEmpty();
    List<String> rest = hasId ? words.subList(1, words.size()) : words;
    if (rest.isEmpty()) {
      throw new UsageException("a verb is missing: use one of " + all());
    }
    ControlVerb verb =
        find(rest.getFirst())
            .orElseThrow(
                () ->
                    new UsageException(
                        "'" + rest.getFirst() + "' is not a verb: use one of " + all()));
    int expected = verb.value.isEmpty() ? 1 : 2;
    if (rest.size() != expected) {
      throw new UsageException("wrong arguments: use " + verb.usage());
    }
    String id = hasId ? words.getFirst() : null;
    if (id != null && !id.matches("[0-9a-f]{1,32}")) {
      throw new UsageException("'" + id + "' is neither a verb nor the id of a migration");
    }
    return new Parsed(id, verb, verb.value.isEmpty() ? "" : rest.getLast());
  }

  /**
   * The request.
   *
   * @throws UsageException if the value is none
   */
  ControlRequest request(String argument) {
    ControlRequest.Builder request = ControlRequest.newBuilder();
    switch (this) {
      case BANDWIDTH -> request.setSetBandwidth(bandwidth(argument));
      case SWITCH_OVER -> request.setSwitchOver(SwitchOver.getDefaultInstance());
      case CANCEL -> request.setCancel(Cancel.getDefaultInstance());
      case PAUSE -> request.setPause(Pause.getDefaultInstance());
      case RESUME -> request.setResume(Resume.getDefaultInstance());
      case TO -> request.setSetDestination(destination(argument));
      case QUERY, WATCH -> request.setQuery(Query.getDefaultInstance());
    }
    return request.build();
  }

  private static SetBandwidth bandwidth(String argument) {
    try {
      Bandwidth rate = Bandwidth.parse(argument);
      long bytesPerSecond = rate.isUnlimited() ? 0 : rate.bytesPerSecond();
      return SetBandwidth.newBuilder().setBytesPerSecond(bytesPerSecond).build();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private static SetDestination destination(String argument) {
    try {
      return SetDestination.newBuilder().setAddress(HostPort.parse(argument).toString()).build();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private String usage() {
    return value.isEmpty() ? word : word + " " + value;
  }

  private static Optional<ControlVerb> find(String word) {
    return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
  }

  private static String all() {
    return Arrays.stream(values()).map(ControlVerb::usage).collect(Collectors.joining(", "));
  }
}
