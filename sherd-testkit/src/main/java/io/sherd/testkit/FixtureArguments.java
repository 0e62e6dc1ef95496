package io.sherd.testkit;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Finds {@link RunsOver} on the test class or a class round it. */
final class FixtureArguments implements ArgumentsProvider {

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context)
            throws ReflectiveOperationException {
        for (Class<?> type = context.getRequiredTestClass(); type != null; type = type.getEnclosingClass()) {
            RunsOver source = type.getAnnotation(RunsOver.class);
            if (source != null) {
                var constructor = source.value().getDeclaredConstructor();
                constructor.setAccessible(true);
                return constructor.newInstance().fixtures().map(Arguments::of);
            }
        }
        throw new IllegalStateException(
                context.getRequiredTestClass().getName() + " runs contracts, but has no @RunsOver that names its maps");
    }
}
