package io.nettrace.slices;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.ClassUtils;

/**
 * Requests each of {@code slice.urls} with every available client, prints the outcomes,
 * and ends. The reports print what they have seen when the application closes.
 */
@SpringBootApplication
public class SliceApplication {

	/**
	 * Run the application.
	 * @param args properties
	 */
	public static void main(String[] args) {
		ConfigurableApplicationContext context = SpringApplication.run(SliceApplication.class, args);
		for (String url : context.getEnvironment().getProperty("slice.urls", String[].class, new String[0])) {
			context.getBeanProvider(Calls.class).orderedStream().forEach((calls) -> call(calls, url));
		}
		if (ClassUtils.isPresent("org.springframework.boot.devtools.restart.Restarter", null)
				&& DevtoolsRestart.begin(context)) {
			return;
		}
		context.close();
		// threads of Jetty's client would keep the process alive
		System.exit(0);
	}

	private static void call(Calls calls, String url) {
		try {
			print("call", calls + " " + calls.get(url));
		}
		catch (RuntimeException ex) {
			print("call", calls + " failed");
		}
	}

	/**
	 * Print a line for the test that reads the output.
	 */
	static void print(String kind, String line) {
		System.out.println("slice " + kind + ": " + line);
	}

}
