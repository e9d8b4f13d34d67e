package io.faultline.cli.criu;

import io.faultline.cli.criu.CriuOption.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Lets a command take its arguments as CRIU does, from CRIU's configuration files too. */
public final class CriuPreprocessor implements IParameterPreprocessor {
  private static final String VERBOSITY = "verbosity";

  @Override
  @SuppressWarnings("JdkObsolete") // Stack: picocli's interface
  public boolean preprocess(
      Stack<String> arguments,
      CommandSpec command,
      @Nullable ArgSpec argument,
      Map<String, Object> info) {
    List<String> given = new ArrayList<>();
    while (!arguments.isEmpty()) {
      given.add(arguments.pop());
    }
    try {
      List<String> all = new CriuConfiguration(System.getenv()).with(given);
      List<String> translated =
          new CriuArguments(options(command), line -> warn(command, line)).translate(all);
      translated.reversed().forEach(arguments::push);
    } catch (IOException | IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return false; // picocli parses what is now in the stack
  }

  private static Map<String, CriuOption> options(CommandSpec command) {
    Map<String, CriuOption> options = new HashMap<>();
    for (OptionSpec each : command.options()) {
      String name = each.longestName().substring(2);
      boolean isFlag = each.arity().max() == 0;
      boolean isOptional = name.equals(VERBOSITY);
      Value value = isFlag ? Value.NONE : isOptional ? Value.OPTIONAL : Value.REQUIRED;
      options.put(name, new CriuOption(name, value));
    }
    return options;
  }

  private static void warn(CommandSpec command, String line) {
    command.commandLine().getErr().println("faultline: " + line);
  }
}
