package com.example.orders;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ApplicationContext;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

@SpringBootApplication
public class OrdersApplication {

	public static void main(String[] args) {
		ApplicationContext context = SpringApplication.run(OrdersApplication.class, args);
		context.getBean(Stock.class).check(args[0]);
		SpringApplication.exit(context);
	}

	@Component
	static class Stock {

		private final RestClient client;

		Stock(RestClient.Builder builder) {
			this.client = builder.build();
		}

		void check(String url) {
			this.client.get().uri(url).retrieve().toBodilessEntity();
		}

	}

}
