SELECT `spans`.`user`, `spans`.`model` AS `of_model`, `spans`.`system_fingerprint`, toUnixTimestamp64Nano(min(`spans`.`start_time`)) AS `toUnixTimestamp64Nano_1`
FROM `spans` FINAL
WHERE `spans`.`project` = {project:String} AND `spans`.`start_time` >= fromUnixTimestamp64Nano({start_ns:Int64}, 'UTC') AND `spans`.`start_time` < fromUnixTimestamp64Nano({end_ns:Int64}, 'UTC') AND `spans`.`app` = {app_1:String} AND `spans`.`system_fingerprint` != {system_fingerprint_1:String} GROUP BY `spans`.`user`, of_model, `spans`.`system_fingerprint`
 LIMIT {fingerprints:UInt64}
